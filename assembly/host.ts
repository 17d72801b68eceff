/**
 * What JavaScript does for the projector: the rare cases, and whatever it alone knows. Addresses are of
 * JSON text, from a value's first byte to after its last one.
 */

/** The number of the property that a key stands for, or that of all others. */
export declare function propertyOfKey(start: usize, end: usize): i32;
/** The value's member with a key that has an escape, or 0. */
export declare function memberOfKey(value: i32, start: usize, end: usize): i32;
/** Which of the answer's members a key stands for. */
export declare function answerMember(start: usize, end: usize): i32;
/** Takes the value of one of the answer's members. */
export declare function takeAnswerMember(member: i32, start: usize, end: usize): void;
/** The number of an event type, from 1. */
export declare function numberOfType(start: usize, end: usize): i32;
/** Epoch milliseconds of a string, or NaN; puts the hour where `readTime` looks for it. */
export declare function readAnyTime(start: usize, end: usize): f64;
/** What a string stands for as an `event_id`. */
export declare function eventIdOf(start: usize, end: usize): f64;
/** Epoch milliseconds at which the hour of `2026-11-19T23:` begins, or NaN. */
export declare function readHour(start: usize): f64;
/** Puts the template of the hour that begins at `time` into a slot. */
export declare function beginHour(slot: i32, time: f64): void;
/** Writes a time to `out`. Returns the address after it, or 0 where the value is no time. */
export declare function writeAnyTime(start: usize, end: usize, out: usize): usize;
/** Writes an object or array to `out` as a field. Returns the address after it. */
export declare function writeAnyJson(start: usize, end: usize, out: usize): usize;
