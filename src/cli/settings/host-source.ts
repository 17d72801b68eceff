import { describeHost, type HostDescription, requestCoverage } from "../../api/host-coverage.js";
import { isSparkPost } from "../../api/origin.js";
import { granularityOf } from "../../api/search.js";
import { findGiven } from "../../config/given.js";
import { mainSettings } from "../../config/setting-names.js";
import { expiredPart } from "../../time/retention.js";
import type { Edges } from "../process/edges.js";
import type { EventSource } from "./event-source.js";
import { withLittlePatience } from "./probe.js";
import { connect, type Session } from "./session.js";
import { warnOfUncovered } from "./uncovered-range.js";

/** SparkPost, or a server like it. One of this tool tells more than SparkPost does. */
export function hostSource(session: Session, edges: Edges): EventSource {
  const { origin } = session.settings;
  let description: Promise<HostDescription | undefined> | undefined;
  const describe = async () => {
    description ??= describeHost(withLittlePatience(connect(session, edges)));
    return await description;
  };
  return {
    name: origin,
    session,
    async sessionFor(range) {
      const { settings, sources } = session;
      const reach = {
        now: edges.clock.now(),
        retention: settings.retention,
        granularity: granularityOf(settings.api),
      };
      const isKnown = isSparkPost(origin) || findGiven(sources, mainSettings.retention);
      return !isKnown && expiredPart(range, reach) && (await describe())?.keepsEverything
        ? { ...session, settings: { ...settings, retention: Number.POSITIVE_INFINITY } }
        : session;
    },
    async connect() {
      const connection = connect(session, edges);
      // Other hosts are SparkPost's software.
      const isOwn = !isSparkPost(origin) && (await describe())?.tellsCoverage;
      return isOwn ? { ...connection, name: origin } : connection;
    },
    async warnOf(range) {
      if (isSparkPost(origin)) {
        // What it has no more is known by its age.
        return [];
      }
      const host = await describe();
      if (!host) {
        return [`Whether ${origin} has all of this range could not be asked.`];
      }
      if (!host.tellsCoverage) {
        return [];
      }
      const coverage = await requestCoverage(await this.connect(), range);
      return warnOfUncovered(coverage, {
        ...session.settings,
        name: origin,
        way: "A sync of its database (with --include-today) brings what SparkPost still has.",
      });
    },
    close: async () => {},
  };
}
