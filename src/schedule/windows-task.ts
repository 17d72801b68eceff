import { dirname } from "node:path";
import { UsageError } from "../errors.js";
import { clockTime, commandOf, type Job, longestDelay } from "./job.js";
import { xmlText } from "./xml.js";

/**
 * A task for the Task Scheduler. It runs whether or not its user is logged in, without a stored
 * password (S4U). The text is ASCII and names no encoding, because what imports it may have made
 * UTF-16 of it.
 *
 * Source: Microsoft, "Task Scheduler Schema"
 *
 * @throws UsageError where the Task Scheduler would read a path as something else
 */
export function windowsTask(job: Job): string {
  const [program = "", ...args] = commandOf(job);
  const folder = job.config === undefined ? undefined : dirname(job.config);
  for (const text of [program, ...args, ...(folder ? [folder] : [])]) {
    refuseVariables(text);
  }
  return `<?xml version="1.0"?>
<!--
  Save it as ${job.name}.xml, then, in a command prompt of an administrator:
      schtasks /Create /TN ${job.name} /XML ${job.name}.xml
      schtasks /Run /TN ${job.name}          runs it now
      schtasks /Query /V /FO LIST /TN ${job.name}          tells the last result: the exit code
          (75: another run was at work there, which is no failure)
      schtasks /Delete /TN ${job.name}
-->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Archive of SparkPost message events</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-01T${clockTime(job.at)}:00</StartBoundary>
      <RandomDelay>PT${longestDelay}M</RandomDelay>
      <ScheduleByDay>
        <DaysInterval>1</DaysInterval>
      </ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${xmlText(job.user)}</UserId>
      <LogonType>S4U</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xmlText(program)}</Command>
      <Arguments>${xmlText(args.map(windowsWord).join(" "))}</Arguments>
${folder === undefined ? "" : `      <WorkingDirectory>${xmlText(folder)}</WorkingDirectory>\n`}    </Exec>
  </Actions>
</Task>
`;
}

/** As the C runtime takes command lines apart: backslashes count double in front of a quote only. */
function windowsWord(text: string): string {
  return /^[\w:\\./-]+$/.test(text)
    ? text
    : `"${text.replaceAll(/(\\*)("|$)/g, (_, slashes: string, quote: string) => slashes + slashes + (quote && `\\"`))}"`;
}

function refuseVariables(path: string): void {
  if (/%[^%]+%|\$\(/.test(path)) {
    throw new UsageError(
      `The Task Scheduler would take a part of this path for a variable: ${path}`,
      {
        hint: "Use a folder without % and $( in its name.",
      },
    );
  }
}
