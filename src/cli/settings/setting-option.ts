import { Option } from "commander";
import { mainSettings, type SettingName } from "../../config/setting-names.js";

/** An option that the ini file has a key for. */
export class SettingOption extends Option {
  constructor(
    flags: string,
    description: string | undefined,
    readonly setting: SettingName,
  ) {
    super(flags, description);
  }
}

/** The options of a setting: none for what must not stand on a command line, two for yes and no. */
export function settingOptions(setting: SettingName): SettingOption[] {
  const { option, short, placeholder, shown, help } = setting;
  if (option === undefined) {
    return [];
  }
  if (shown !== undefined) {
    // Without the other one, what stands in the ini file could not be taken back.
    const against = `not --${shown === "yes" ? "" : "no-"}${option}, whatever sparkpost.ini says`;
    const [yes, no] = shown === "yes" ? [help, against] : [against, help];
    return [
      new SettingOption(`--${option}`, yes, setting).hideHelp(shown === "no"),
      new SettingOption(`--no-${option}`, no, setting).hideHelp(shown === "yes"),
    ];
  }
  const flags = `${short ? `-${short}, ` : ""}--${option} <${placeholder}>`;
  const added = new SettingOption(flags, help, setting);
  // Columns have an order and names, so of these the last list counts, as of everything else.
  const isSet = placeholder === "LIST" && option !== mainSettings.properties.option;
  return [isSet ? added.argParser(joinLists) : added];
}

/** A list of what to search for is one list, in however many pieces it is given. */
function joinLists(piece: string, before: string | undefined): string {
  return before === undefined ? piece : `${before},${piece}`;
}
