/** What was out of order about the manifest, and has been set right. */
export interface ManifestRepair {
  /** Why the manifest could not be used: `absent`, or half a sentence. */
  readonly problem: "absent" | string;
  /** Where the one that could not be read is now. */
  readonly movedTo: string | undefined;
}
