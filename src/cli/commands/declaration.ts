import type { Command as Program } from "commander";
import type { SettingName } from "../../config/setting-names.js";
import type { Guide } from "../help/guide.js";
import type { Edges } from "../process/edges.js";

/** A word of the command line that is no option. */
export interface Argument<Value extends string, Required extends boolean = boolean> {
  readonly required: Required;
  /** Whether there may be several of it. */
  readonly several?: boolean;
  readonly help: string;
  readonly choices?: readonly Value[];
}

export function required<const Value extends string = string>(
  help: string,
  choices?: readonly Value[],
): Argument<Value, true> {
  return { required: true, help, ...(choices ? { choices } : {}) };
}

/** At least one of it. */
export function several(help: string): Argument<string, true> {
  return { required: true, several: true, help };
}

export function optional(help: string): Argument<string, false> {
  return { required: false, help };
}

/** An option that is no setting, so the ini file has no key for it. */
export interface Option<Value> {
  /** As help shows them: `-o, --out <FILE>` */
  readonly flags: string;
  readonly help: string;
  readonly choices?: readonly Value[];
}

export function flag(flags: string, help: string): Option<boolean> {
  return { flags, help };
}

export function value<const Value extends string = string>(
  flags: string,
  help: string,
  choices?: readonly Value[],
): Option<Value> {
  return { flags, help, ...(choices ? { choices } : {}) };
}

/**
 * Options that are settings, among those of a command. No part of its type: their values go to whoever
 * reads settings, all together.
 */
export function settings(...names: readonly SettingName[]): Readonly<Record<never, SettingName>> {
  return Object.fromEntries(names.map((setting) => [setting.key, setting]));
}

/** Options that are settings, under a title of their own. */
export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly SettingName[];
}

type Arguments = Readonly<Record<string, Argument<string>>>;
type Options = Readonly<Record<string, Option<unknown> | SettingName>>;

/** What a command line has for what a command takes. */
export type Given<Taken extends Arguments, Known extends Options> = {
  readonly [Name in keyof Taken]: Taken[Name] extends Argument<infer Value, infer Required>
    ? Required extends true
      ? Value
      : Value | undefined
    : never;
} & {
  readonly [Name in keyof Known]?: Known[Name] extends Option<infer Value>
    ? Value | undefined
    : never;
} & {
  /** All arguments, also those that are too many. */
  readonly words: readonly string[];
  /** Values of the options that are settings, by option name. */
  readonly settings: Readonly<Record<string, string | undefined>>;
};

/** Arguments, options and help of a command. What it does is apart from it, so that help need not wait. */
export interface Declaration extends Guide {
  readonly arguments: Arguments;
  /** Whether more arguments than these come to the command, which says what is wrong with them. */
  readonly takesMoreWords?: boolean;
  readonly options: Options;
  readonly settingGroups?: readonly SettingGroup[];
}

/**
 * What a command does.
 *
 * @param given as `Given` has it for its declaration
 * @param program makes the whole command line, with every command
 */
export type Run = (
  given: never,
  edges: Edges,
  program: () => Promise<Program>,
) => Promise<void> | void;
