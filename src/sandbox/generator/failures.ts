/** One way in which a message fails. */
export interface Failure {
  readonly bounceClass: string;
  readonly errorCode: string;
  /** The remote server's answer with its variable parts made uniform. */
  readonly reason: string;
  /** The answer as received; `%ip` and `%to` stand for the sending IP and the recipient. */
  readonly rawReason: string;
}

export const hardBounces: readonly Failure[] = [
  {
    bounceClass: "10",
    errorCode: "550",
    reason: "550 5.1.1 <...> User unknown",
    rawReason: "550 5.1.1 <%to> User unknown",
  },
  {
    bounceClass: "30",
    errorCode: "550",
    reason: "550-5.1.1 The email account that you tried to reach does not exist.",
    rawReason:
      "550-5.1.1 The email account that you tried to reach does not exist.\r\n" +
      '550-5.1.1 Please try double-checking the address for typos,\r\n550 5.1.1 or "spaces".',
  },
  {
    bounceClass: "51",
    errorCode: "554",
    reason: "MAIL REFUSED - IP (a.b.c.d) is in black list",
    rawReason: "MAIL REFUSED - IP (%ip) is in black list",
  },
  {
    bounceClass: "52",
    errorCode: "554",
    reason: "554 5.7.1 Message content rejected, see http://example.com/why?q=1&r=2",
    rawReason: "554 5.7.1 Message content rejected,\nsee http://example.com/why?q=1&r=2",
  },
  {
    bounceClass: "21",
    errorCode: "550",
    reason: "550 [internal] [dns] domain not found",
    rawReason: "550 [internal] [dns] domain not found",
  },
  {
    bounceClass: "1",
    errorCode: "550",
    reason: "550 縄張り 😾 not here",
    rawReason: "550 縄張り 😾\rnot here\r",
  },
  {
    bounceClass: "40",
    errorCode: "552",
    reason: '=cmd|"/C calc"!A0',
    rawReason: '=cmd|"/C calc"!A0',
  },
];

export const softFailures: readonly Failure[] = [
  {
    bounceClass: "22",
    errorCode: "452",
    reason: "452 4.2.2 Mailbox full",
    rawReason: "452 4.2.2 <%to>: Mailbox full; quota exceeded, 102% used",
  },
  {
    bounceClass: "24",
    errorCode: "421",
    reason: "421 [internal] Connection timed out",
    rawReason: "421 [internal] Connection timed out",
  },
  {
    bounceClass: "20",
    errorCode: "451",
    reason: "451 4.7.1 Greylisting in action, please come back later",
    rawReason: "451 4.7.1 Greylisting in action,\r\nplease come back in 00:04:59 (%ip)",
  },
  {
    bounceClass: "70",
    errorCode: "421",
    reason: "421 4.7.0 Too many connections from your host",
    rawReason: "421 4.7.0 Too many connections\tfrom your host [%ip]",
  },
];

export const generationFailures: readonly Failure[] = [
  {
    bounceClass: "25",
    errorCode: "3006",
    reason: "Error while rendering part html: substitution value 'first_name' did not exist",
    rawReason:
      "Error while rendering part html: line 12: substitution value 'first_name' did not exist",
  },
  {
    bounceClass: "25",
    errorCode: "554",
    reason: "554 5.7.1 [internal] Recipient address suppressed due to customer policy",
    rawReason: "554 5.7.1 [internal] Recipient address suppressed due to customer policy",
  },
];

export const policyRejections: readonly Failure[] = [
  {
    bounceClass: "25",
    errorCode: "550",
    reason: "550 5.7.1 Unconfigured Sending Domain",
    rawReason: '550 5.7.1 Unconfigured Sending Domain <"news, old".example.com>',
  },
  {
    bounceClass: "90",
    errorCode: "554",
    reason: "554 5.7.1 [internal] Recipient has unsubscribed",
    rawReason: "554 5.7.1 [internal] Recipient has unsubscribed",
  },
];

export const smsFailures: readonly Failure[] = [
  {
    bounceClass: "10",
    errorCode: "11",
    reason: "Invalid destination address",
    rawReason: "Invalid destination address\rESME_RINVDSTADR",
  },
];
