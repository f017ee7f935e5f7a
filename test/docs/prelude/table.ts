/** A table of a database, as far as the documents use it. */
const rows = new Map<string, { readonly value: string; readonly until: Date }>();

export const table = {
  async find(id: string): Promise<string | undefined> {
    const row = rows.get(id);
    return row !== undefined && row.until > new Date() ? row.value : undefined;
  },
  async put(id: string, value: string, until: Date): Promise<void> {
    rows.set(id, { value, until });
  },
};
