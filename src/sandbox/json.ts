/** Careful reading of data whose shape is not known: the description, and the bodies of requests. */

export type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value itself when it is an object, else an empty one. */
export function record(value: unknown): Json {
  return isRecord(value) ? value : {};
}

/** The value itself when it is an array, else an empty one. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export type Scalar = string | number | boolean;

export function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/**
 * A reader that follows local references (`#/components/...`) of one document.
 * A reference that leads nowhere reads as an empty object: the document was checked when it was generated.
 */
export function dereferencer(document: Json): (node: unknown) => Json {
  const follow = (pointer: string): unknown => {
    let node: unknown = document;
    for (const step of pointer.slice(2).split("/")) {
      node = record(node)[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")];
    }
    return node;
  };
  return (node) => {
    let current = record(node);
    // A chain of references longer than this is a circle.
    for (let hops = 0; hops < 32; hops += 1) {
      const reference = text(current["$ref"]);
      if (reference === undefined || !reference.startsWith("#/")) return current;
      current = record(follow(reference));
    }
    return {};
  };
}
