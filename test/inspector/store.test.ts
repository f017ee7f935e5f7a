import { expect, it } from "vitest";
import { all, forgetAll, get, keep } from "../../src/inspector/page/store.js";

it("the page keeps calls however many deliveries come, as the server does", () => {
  forgetAll();
  const put = (id: string, kind: "call" | "delivery"): readonly string[] =>
    keep(JSON.stringify({ id, kind, attempts: [] })).gone;
  put("call-1", "call");
  for (let nth = 1; nth <= 500; nth += 1) expect(put(`delivery-${nth}`, "delivery")).toEqual([]);
  expect(put("delivery-501", "delivery")).toEqual(["delivery-1"]);
  expect(get("call-1")).toBeDefined();
  expect(all()).toHaveLength(501);
});
