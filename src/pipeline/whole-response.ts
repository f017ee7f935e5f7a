/** Registered, so that it holds across the ESM and the CJS copy of this package. */
const wholeBody = Symbol.for("upvest-client.wholeBody");

interface Init {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
}

/**
 * An answer whose body is in memory already. Making a stream of the bytes only to read them again costs a quarter of the
 * whole exchange on a fast transport, so `collect` takes them as they are; whoever asks for `body`, `text()` and the like
 * gets what any Response gives, made on demand.
 */
export class WholeResponse extends Response {
  readonly [wholeBody]: Uint8Array<ArrayBuffer>;
  readonly #init: Init;
  #made: Response | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>, init: Init) {
    super(null, init);
    this[wholeBody] = bytes;
    this.#init = init;
  }

  get #response(): Response {
    const { length } = this[wholeBody];
    return (this.#made ??= new Response(length === 0 ? null : this[wholeBody], this.#init));
  }

  override get body(): Response["body"] {
    return this.#response.body;
  }
  override get bodyUsed(): boolean {
    return this.#made?.bodyUsed ?? false;
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#response.arrayBuffer();
  }
  override blob(): Promise<Blob> {
    return this.#response.blob();
  }
  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#response.bytes();
  }
  override clone(): Response {
    return this.#response.clone();
  }
  override formData(): Promise<FormData> {
    return this.#response.formData();
  }
  override json(): Promise<unknown> {
    return this.#response.json();
  }
  override text(): Promise<string> {
    return this.#response.text();
  }
}

/** The bytes of an answer that is whole already; undefined for every other. */
export const wholeBodyOf = (response: Response): Uint8Array<ArrayBuffer> | undefined =>
  wholeBody in response && response[wholeBody] instanceof Uint8Array
    ? (response[wholeBody] as Uint8Array<ArrayBuffer>)
    : undefined;
