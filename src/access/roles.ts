import type { Permission } from "../http/route.js";

export const roles = ["search", "support", "reports", "admin"] as const;
export type Role = (typeof roles)[number];

/** What the keys of each role may be used for. */
export const permissions: Readonly<Record<Role, readonly Permission[]>> = {
  search: ["search"],
  support: [],
  reports: [],
  admin: ["search"],
};
