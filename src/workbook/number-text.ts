/** How a number is shown. */
export type NumberForm = "integer" | "general";

/** What a spreadsheet keeps of a number, and shows. */
const mostDigits = 15;

const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;

/**
 * How a spreadsheet is to show a JSON number.
 *
 * @returns undefined where it would not show every digit
 */
export function formOfNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
): NumberForm | undefined {
  let digits = 0;
  let form: NumberForm = "integer";
  for (let index = start; index < end; index++) {
    const byte = bytes[index]!;
    if (byte >= zero && byte <= nine) {
      digits += digits > 0 || byte !== zero ? 1 : 0;
    } else if (byte === point) {
      form = "general";
    } else if (byte !== minus || index > start) {
      return formOfPower(bytes, start, end);
    }
  }
  return digits <= mostDigits ? form : undefined;
}

/** Excel has none beyond these (its "specifications and limits"), but zero. */
const smallest = 2.2251e-308;
const largest = 9.99999999999999e307;

/** With an exponent, or something that is no number at all. */
function formOfPower(bytes: Uint8Array, start: number, end: number): NumberForm | undefined {
  const text = Buffer.from(bytes.subarray(start, end)).toString("latin1");
  const [, whole = "", fraction = ""] = /^-?(\d+)(?:\.(\d+))?[eE][+-]?\d+$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "").length;
  const size = Math.abs(Number(text));
  const isInReach = digits === 0 || (size >= smallest && size <= largest);
  return whole !== "" && digits <= mostDigits && isInReach ? "general" : undefined;
}

/**
 * Whether text is a number as one writes it: without a leading zero, a plus sign, spaces or an exponent.
 */
export function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  let index = bytes[start] === minus ? start + 1 : start;
  const first = index;
  let afterPoint = 0;
  for (; index < end; index++) {
    const byte = bytes[index]!;
    if (byte === point && afterPoint === 0 && index > first) {
      afterPoint = index + 1;
    } else if (byte < zero || byte > nine) {
      return false;
    }
  }
  const wholeEnd = afterPoint === 0 ? end : afterPoint - 1;
  const hasLeadingZero = bytes[first] === zero && wholeEnd > first + 1;
  return first < end && !hasLeadingZero && afterPoint !== end;
}
