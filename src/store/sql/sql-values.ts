/** Text, too, for times and whole numbers of any size. */
export type SqlValue = string | number | null;

export type Row = Readonly<Record<string, string | null>>;
