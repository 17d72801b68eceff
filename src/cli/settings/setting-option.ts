import { Option } from "commander";
import type { SettingName } from "../../config/setting-names.js";

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
