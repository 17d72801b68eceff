/** Text with an apostrophe before whatever a spreadsheet may run, worked out without the product's code. */
export function escapedText(text: string): string {
  return text.replaceAll(/(^|[;,|\t\r\n])( ?"*(?==)|"*(?=[+\-@＝＋－＠]))/g, "$&'");
}

/** The same of JSON without a list that has a negative number behind a comma. */
export function escapedJson(json: string): string {
  return json.replaceAll(/[;,|]"?(?=[=+\-@＝＋－＠])/g, "$&'");
}
