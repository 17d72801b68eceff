/** What the host says before `open`, each by its name. */

/** Number of properties that are wanted, and of values, the properties among them. */
export let propertyCount: i32 = 0;
export let valueCount: i32 = 0;
export let columnCount: i32 = 0;

/** The properties that every event is asked for. */
export let typeProperty: i32 = 0;
export let timestampProperty: i32 = 0;
export let idProperty: i32 = 0;

/** Whether an event is written as it was sent, on a line of its own, rather than as a record of CSV. */
export let writesEvents: bool = false;

/** The byte between two fields. */
export let delimiter: u32 = 0;
/** What a field of CSV is quoted with; that of JSON, or a byte that is in no JSON. */
export let fieldQuote: u32 = 0;
export let endsInCrLf: bool = false;
export let quotesText: bool = false;
export let escapesFormulas: bool = false;

export let writesEpoch: bool = false;
export let writesMilliseconds: bool = false;

/** How often a byte of an event can be part of a field. */
export let mostCopies: usize = 0;
/** The most bytes of a record that are no copies. */
export let extraBytes: usize = 0;
