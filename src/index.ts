export type {
  AnswerReport,
  ClientStatistics,
  Connection,
  Wait,
} from "./api/client.js";
export type { ProxySettings } from "./api/create-exchange.js";
export { cutSearch } from "./api/cut-search.js";
export type { Event } from "./api/event.js";
export { parseHost } from "./api/origin.js";
export type { ApiName, Search, SearchFilterValues } from "./api/search.js";
export { countEvents, type EventPage, searchEvents } from "./api/search-events.js";
export { type SearchFilter, type SearchFilterName, searchFilters } from "./api/search-filters.js";
export { type Clock, systemClock } from "./clock.js";
export { resolveApiKey } from "./config/api-key.js";
export type { SettingSources } from "./config/given.js";
export { type IniEntry, parseIni } from "./config/ini-file.js";
export { resolveSettings, type Settings } from "./config/settings.js";
export type { Column, CsvFormat, Delimiter, TimestampFormat } from "./csv/csv-layout.js";
export { defaultProperties } from "./csv/default-properties.js";
export * from "./errors.js";
export { exportEvents } from "./export/export-events.js";
export type { ExportOptions, ExportResult } from "./export/export-options.js";
export type { ExportProgress, WorkbookProgress } from "./export/export-progress.js";
export type { FormatName } from "./formats/record-format.js";
export type {
  EventStore,
  Extent,
  LoadBatch,
  LoadedPeriod,
  LoadResult,
  OpenOptions,
  StoredPeriod,
  StoreFacts,
  StoreInfo,
} from "./store/event-store.js";
export { openStore } from "./store/open-store.js";
export { parseStoreAddress, type StoreAddress } from "./store/store-address.js";
export type { ArchiveLayout } from "./sync/archive-schema.js";
export type { ManifestRepair } from "./sync/manifest-repair.js";
export type { PeriodLength } from "./sync/period.js";
export type { ExportReason, GapReason } from "./sync/plan.js";
export { type SyncResult, syncEvents } from "./sync/sync-events.js";
export type { Gap, Misfit, SyncNotice } from "./sync/sync-notice.js";
export type { RunOptions, SyncOptions } from "./sync/sync-options.js";
export { type SyncStoreOptions, type SyncStoreResult, syncStore } from "./sync/sync-store.js";
export { parseTimeRange, type TimeRange, type TimeRangeOptions } from "./time/time-range.js";
export { resolveZone } from "./time/zone.js";
