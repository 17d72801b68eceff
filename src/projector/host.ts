import { hashEventId } from "../pages/event-id.js";
import { instantReader, readInstant } from "../pages/instant.js";
import type { Constants, Wasm } from "./contract.js";
import { EventTypes } from "./event-types.js";
import type { ProjectorMemory } from "./projector-memory.js";
import type { Task } from "./task.js";

/** What has to be parsed is shorter in an ordinary answer, in bytes. */
const mostParsed = 1_000_000;

const usualTime = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** Does for the WebAssembly what `assembly/host.ts` asks for, and remembers what it learns from that. */
export class Host {
  readonly types = new EventTypes();
  /** Whether there is nothing in the answer that would take much memory once it is parsed. */
  isOrdinary = true;
  totalCount: unknown;
  links: unknown;

  readonly #task: Task;
  readonly #readInstant: (text: string) => number;
  // Known only once the module is there, which needs the host.
  #constants!: Constants;
  #memory!: ProjectorMemory;

  constructor(task: Task) {
    this.#task = task;
    this.#readInstant = instantReader(task.sentZone);
  }

  serve({ constants }: Wasm, memory: ProjectorMemory): void {
    this.#constants = constants;
    this.#memory = memory;
  }

  /** Begins with another answer. */
  begin(): void {
    this.totalCount = undefined;
    this.links = undefined;
    this.isOrdinary = true;
  }

  /** By the names of `assembly/host.ts`. */
  readonly imports = {
    propertyOfKey: (start: number, end: number) =>
      this.#task.tree.property(this.#textAt(start, end)),
    memberOfKey: (value: number, start: number, end: number) =>
      this.#task.tree.member(value, this.#textAt(start, end)),
    answerMember: (start: number, end: number) => this.#answerMember(this.#textAt(start, end)),
    takeAnswerMember: (member: number, start: number, end: number) =>
      this.#takeAnswerMember(member, start, end),
    numberOfType: (start: number, end: number) => this.#numberOfType(this.#textAt(start, end)),
    readAnyTime: (start: number, end: number) => this.#readAnyTime(this.#textAt(start, end)),
    eventIdOf: (start: number, end: number) => hashEventId(this.#textAt(start, end)),
    readHour: (start: number) =>
      readInstant(`${this.#jsonAt(start, start + this.#constants.hourLength - 1)}00:00Z`),
    beginHour: (slot: number, time: number) => this.#beginHour(slot, time),
    writeAnyTime: (start: number, end: number, out: number) => this.#writeAnyTime(start, end, out),
    writeAnyJson: (start: number, end: number, out: number) => this.#writeAnyJson(start, end, out),
  };

  #isShort(length: number): boolean {
    this.isOrdinary &&= length <= mostParsed;
    return this.isOrdinary;
  }

  #jsonAt(start: number, end: number): string {
    return this.#memory.bytes.toString("utf8", start, end);
  }

  /** The text of a JSON string. */
  #textAt(start: number, end: number): string {
    return JSON.parse(this.#jsonAt(start, end));
  }

  #answerMember(key: string): number {
    const { resultsMember, totalCountMember, linksMember } = this.#constants;
    switch (key) {
      case "results":
        return resultsMember;
      case "total_count":
        return totalCountMember;
      case "links":
        return linksMember;
      default:
        return 0;
    }
  }

  #takeAnswerMember(member: number, start: number, end: number): void {
    if (!this.#isShort(end - start)) {
      return;
    }
    if (member === this.#constants.totalCountMember) {
      this.totalCount = JSON.parse(this.#jsonAt(start, end));
    } else if (member === this.#constants.linksMember) {
      this.links = JSON.parse(this.#jsonAt(start, end));
    }
  }

  #numberOfType(type: string): number {
    const number = this.types.number(type);
    this.isOrdinary &&= number !== undefined;
    return number ?? 0;
  }

  #readAnyTime(text: string): number {
    const instant = this.#readInstant(text);
    if (usualTime.test(text) && !Number.isNaN(instant)) {
      const { hourLength, hourText, hourTime } = this.#constants;
      const { bytes } = this.#memory;
      const hour = text.slice(0, hourLength - 1);
      bytes.write(`"${hour}`, hourText);
      bytes.writeDoubleLE(readInstant(`${hour}00:00.000Z`), hourTime);
    }
    return instant;
  }

  #beginHour(slot: number, start: number): void {
    const { hourMinutes, hourStarts, hourTemplates, hourTemplateLengths, ...limits } =
      this.#constants;
    const { longestTime, templatesPerHour } = limits;
    const { bytes } = this.#memory;
    const template = this.#task.times?.ofHour(start);
    bytes.writeInt32LE(template?.minutes ?? -1, hourMinutes + 4 * slot);
    if (template) {
      const { texts } = template;
      bytes.writeDoubleLE(start / 1000, hourStarts + 8 * slot);
      bytes[hourTemplateLengths + slot] = texts[0].length;
      const address = hourTemplates + templatesPerHour * longestTime * slot;
      bytes.write(texts[0], address, "latin1");
      bytes.write(texts[1], address + longestTime, "latin1");
    }
  }

  #writeAnyTime(start: number, end: number, out: number): number {
    const { times } = this.#task;
    const json = this.#jsonAt(start, end);
    const instant = this.#readInstant(json.startsWith('"') ? JSON.parse(json) : json);
    return Number.isNaN(instant) || !times
      ? 0
      : out + this.#memory.bytes.write(times.write(instant), out, "latin1");
  }

  /** What parsing and writing would change: the spelling of a string, or the order of keys. */
  #writeAnyJson(start: number, end: number, out: number): number {
    if (!this.#isShort(end - start)) {
      return out;
    }
    return out + this.#memory.bytes.write(this.#task.fieldOfJson(this.#jsonAt(start, end)), out);
  }
}
