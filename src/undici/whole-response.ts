import { markWhole } from "../pipeline/whole-body.js";

interface Init {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
}

/**
 * An answer whose body is in memory already. The client takes the bytes as they are; whoever asks for `body`, `text()` and
 * the like gets what any Response gives, made on demand.
 */
export class WholeResponse extends Response {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #init: Init;
  #made: Response | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>, init: Init) {
    super(null, init);
    this.#bytes = bytes;
    this.#init = init;
    markWhole(this, bytes);
  }

  get #response(): Response {
    return (this.#made ??= new Response(this.#bytes.length === 0 ? null : this.#bytes, this.#init));
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
