/** What Deno has beside the web's APIs, as far as the documents use it. */
export const Deno = {
  createHttpClient: (_options: { readonly poolMaxIdlePerHost: number }): object => ({}),
};
