import { describe, expect, it } from "vitest";
import { jsonTwin, parseAddress, PUBLISHED, redirectTarget } from "../../scripts/spec/address.js";

describe("the address", () => {
  it("of the published file is https, and its twin is known", () => {
    expect(PUBLISHED).toBe("https://docs.upvest.co/_bundle/api.yaml?download");
    expect(jsonTwin(parseAddress(PUBLISHED))?.href).toBe("https://docs.upvest.co/_bundle/api.json?download");
    expect(jsonTwin(parseAddress("https://docs.example/openapi"))).toBeUndefined();
  });

  it.each(["http://127.0.0.1:80/api", "http://localhost/api", "http://docs.example/api", "data:,x"])(
    "never goes from https to %s",
    (location) => {
      expect(() => redirectTarget(parseAddress(PUBLISHED), location)).toThrow("only https is followed");
    },
  );

  it("goes from https to https, also to another host", () => {
    expect(redirectTarget(parseAddress(PUBLISHED), "//cdn.example/api.yaml").href).toBe(
      "https://cdn.example/api.yaml",
    );
  });
});
