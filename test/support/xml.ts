import { SaxesParser } from "saxes";

export interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

/** Reads well-formed XML; anything else is an error. */
export function parseXml(xml: string): Element {
  const root: Element = { name: "", children: [], text: "" };
  const open = [root];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name }) => {
    const element: Element = { name, children: [], text: "" };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    const element = open.at(-1);
    if (element) {
      element.text += text;
    }
  });
  parser.on("closetag", () => open.pop());
  parser.write(xml).close();
  return root.children[0] ?? root;
}

/** The text of the only element of that name. */
export function textOf(element: Element, name: string): string | undefined {
  const all = (parent: Element): Element[] =>
    parent.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child)]);
  const found = all(element);
  return found.length === 1 ? found[0]?.text : undefined;
}
