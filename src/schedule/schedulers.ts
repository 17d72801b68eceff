export const schedulers = ["cron", "systemd", "launchd", "windows", "docker"] as const;
export type Scheduler = (typeof schedulers)[number];
