/**
 * What a change inside a schema means, by who writes the value. What the API may write more of, readers must be ready for:
 * the publisher counts new fields and values as compatible, and so the types keep enums open there. Where the publisher's
 * list is silent, a change is breaking when a program that was right before can fail after it.
 */
import type { Position } from "../generate/positions.js";
import type { SchemaKind } from "./finding.js";
import { breaking, compatible, type Judgement } from "./rules.js";

const REFUSED = "requests that were accepted may be refused; the types do not show it";
const WIDER_ANSWERS = "answers may hold other values; the types do not show it";

export const SCHEMA_RULES: Readonly<Record<SchemaKind, Readonly<Record<Position, Judgement>>>> = {
  "field.added": {
    request: compatible("minor", "callers may leave it out"),
    response: compatible("minor", "readers ignore fields they do not know"),
  },
  "field.added-required": {
    request: breaking("major", "callers must send it"),
    response: compatible("minor", "readers ignore fields they do not know"),
  },
  "field.removed": {
    request: breaking("major", "code that sends it no longer compiles"),
    response: breaking("major", "code that reads it no longer compiles"),
  },
  "field.required": {
    request: breaking("major", "callers must send it"),
    response: compatible("patch", "readers may rely on it"),
  },
  "field.optional": {
    request: compatible("minor", "callers may leave it out"),
    response: breaking("major", "readers must do without it"),
  },
  "field.deprecated": {
    request: compatible("minor", "editors strike it through"),
    response: compatible("minor", "editors strike it through"),
  },
  "field.undeprecated": {
    request: compatible("patch", "it may be used again"),
    response: compatible("patch", "it may be used again"),
  },
  "value-type.widened": {
    request: compatible("minor", "callers may send more"),
    response: breaking("major", "readers must handle another type"),
  },
  "value-type.narrowed": {
    request: breaking("major", "callers may send less"),
    response: compatible("patch", "readers have one type less to handle"),
  },
  "value-type.changed": {
    request: breaking("major", "callers must send another type"),
    response: breaking("major", "readers get another type"),
  },
  "null.added": {
    request: compatible("minor", "callers may send null"),
    response: breaking("major", "readers must handle null"),
  },
  "null.removed": {
    request: breaking("major", "callers may no longer send null"),
    response: compatible("patch", "readers need not handle null"),
  },
  "enum.value-added": {
    request: compatible("minor", "callers may send it"),
    response: compatible("minor", "enums of answers are open, so readers were ready for it"),
  },
  "enum.value-removed": {
    request: breaking("major", "code that sends it no longer compiles"),
    response: compatible("patch", "enums of answers are open, so code that looks for it compiles"),
  },
  "enum.introduced": {
    request: breaking("major", "callers may send the listed values only"),
    response: compatible("patch", "known values are offered, the enum is open"),
  },
  "enum.lifted": {
    request: compatible("minor", "callers may send any value"),
    response: compatible("patch", "no values are offered any more"),
  },
  "tag.value-added": {
    request: compatible("minor", "callers may send it"),
    response: compatible("minor", "code that narrows by it meets one more case"),
  },
  "tag.value-removed": {
    request: breaking("major", "code that sends it no longer compiles"),
    response: compatible("major", "code that narrows to it no longer compiles"),
  },
  "format.added": {
    request: breaking("patch", REFUSED),
    response: compatible("patch", "answers promise more"),
  },
  "format.removed": {
    request: compatible("patch", "more is accepted"),
    response: compatible("patch", WIDER_ANSWERS),
  },
  "format.changed": { request: breaking("patch", REFUSED), response: breaking("patch", WIDER_ANSWERS) },
  "pattern.added": {
    request: breaking("patch", REFUSED),
    response: compatible("patch", "answers promise more"),
  },
  "pattern.removed": {
    request: compatible("patch", "more is accepted"),
    response: compatible("patch", WIDER_ANSWERS),
  },
  "pattern.changed": { request: breaking("patch", REFUSED), response: compatible("patch", WIDER_ANSWERS) },
  "limit.tightened": {
    request: breaking("patch", REFUSED),
    response: compatible("patch", "answers promise more"),
  },
  "limit.loosened": {
    request: compatible("patch", "more is accepted"),
    response: compatible("patch", WIDER_ANSWERS),
  },
  "default.added": {
    request: compatible("patch", "it is now known what is assumed when it is not sent"),
    response: compatible("patch", "a default says nothing of an answer"),
  },
  "default.removed": {
    request: compatible("patch", "what is assumed when it is not sent is no longer told"),
    response: compatible("patch", "a default says nothing of an answer"),
  },
  "default.changed": {
    request: breaking("patch", "callers that do not send it get something else"),
    response: compatible("patch", "a default says nothing of an answer"),
  },
  "alternative.added": {
    request: compatible("minor", "callers may send it"),
    response: compatible("minor", "a new value of the property that tells the choices apart"),
  },
  "alternative.added-unseen": {
    request: compatible("minor", "callers may send it"),
    response: compatible("major", "code that never had to narrow no longer compiles"),
  },
  "alternative.added-untagged": {
    request: compatible("minor", "callers may send it"),
    response: breaking("major", "readers cannot tell it from the choices they know"),
  },
  "alternative.removed": {
    request: breaking("major", "code that sends it no longer compiles"),
    response: compatible("major", "code that narrows to it no longer compiles"),
  },
  "object.opened": {
    request: compatible("minor", "callers may send any field"),
    response: breaking("major", "code that reads its fields no longer compiles"),
  },
  "object.described": {
    request: breaking("major", "callers may send the described fields only"),
    response: compatible("minor", "its fields have types"),
  },
  "unknown-fields.refused": {
    request: breaking("patch", "requests with fields that are not described are refused"),
    response: compatible("none", "readers ignore fields they do not know"),
  },
  "unknown-fields.allowed": {
    request: compatible("patch", "fields that are not described are accepted"),
    response: compatible("none", "readers ignore fields they do not know"),
  },
};
