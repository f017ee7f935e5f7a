/** How each kind of change is told to people. */
import type { Kind } from "./finding.js";

/**
 * What the phrase is followed by: the names of fields or parameters; values that came or went at one place; what was there
 * and what is there now, one to a line or several together; or nothing.
 */
export type Style = "names" | "values" | "change" | "changes" | "plain";

export interface Phrase {
  readonly one: string;
  readonly many: string;
  readonly style: Style;
}

const phrase = (style: Style, one: string, many = plural(one)): Phrase => ({ one, many, style });

/** `field added` gives `fields added`: the first of these nouns takes the s. */
const plural = (one: string): string =>
  one.replace(
    /\b(?:field|parameter|value|operation|event type|scope name|scope|header)\b/,
    (noun) => `${noun}s`,
  );

export const PHRASES: Readonly<Record<Kind, Phrase>> = {
  "field.added": phrase("names", "field added"),
  "field.added-required": phrase("names", "required field added"),
  "field.removed": phrase("names", "field removed"),
  "field.required": phrase("names", "field now required"),
  "field.optional": phrase("names", "field now optional"),
  "field.deprecated": phrase("names", "field deprecated"),
  "field.undeprecated": phrase("names", "field no longer deprecated"),
  "value-type.widened": phrase("change", "type wider", "types wider"),
  "value-type.narrowed": phrase("change", "type narrower", "types narrower"),
  "value-type.changed": phrase("change", "another type", "other types"),
  "null.added": phrase("names", "field that may be null now", "fields that may be null now"),
  "null.removed": phrase("names", "field never null now", "fields never null now"),
  "enum.value-added": phrase("values", "value added"),
  "enum.value-removed": phrase("values", "value removed"),
  "enum.introduced": phrase("change", "values listed now", "lists of values where there were none"),
  "enum.lifted": phrase("change", "values no longer listed", "lists of values given up"),
  "tag.value-added": phrase("values", "value added"),
  "tag.value-removed": phrase("values", "value removed"),
  "format.added": phrase("change", "format", "formats"),
  "format.removed": phrase("change", "format", "formats"),
  "format.changed": phrase("change", "format", "formats"),
  "pattern.added": phrase("change", "pattern", "patterns"),
  "pattern.removed": phrase("change", "pattern", "patterns"),
  "pattern.changed": phrase("change", "pattern", "patterns"),
  "limit.tightened": phrase("change", "tighter", "limits tighter"),
  "limit.loosened": phrase("change", "looser", "limits looser"),
  "default.added": phrase("change", "default", "defaults"),
  "default.removed": phrase("change", "default", "defaults"),
  "default.changed": phrase("change", "default", "defaults"),
  "alternative.added": phrase("names", "choice added", "choices added"),
  "alternative.added-unseen": phrase(
    "names",
    "choice added to what was none",
    "choices added to what was none",
  ),
  "alternative.added-untagged": phrase(
    "names",
    "choice added that no field marks",
    "choices added that no field marks",
  ),
  "alternative.removed": phrase("names", "choice removed", "choices removed"),
  "object.opened": phrase(
    "plain",
    "fields no longer described",
    "objects whose fields are no longer described",
  ),
  "object.described": phrase("plain", "fields described now", "objects whose fields are described now"),
  "unknown-fields.refused": phrase(
    "plain",
    "unknown fields refused now",
    "objects that refuse unknown fields now",
  ),
  "unknown-fields.allowed": phrase(
    "plain",
    "unknown fields allowed now",
    "objects that allow unknown fields now",
  ),
  "operation.added": phrase("values", "operation added"),
  "operation.removed": phrase("values", "operation removed"),
  "operation.renamed": phrase("change", "operationId", "operationIds"),
  "operation.deprecated": phrase("plain", "deprecated", "operations deprecated"),
  "operation.undeprecated": phrase("plain", "no longer deprecated", "operations no longer deprecated"),
  "path.parameter-renamed": phrase("change", "path written differently", "paths written differently"),
  "scope.added": phrase("values", "scope added"),
  "scope.removed": phrase("values", "scope removed"),
  "server.added": phrase("values", "server added", "servers added"),
  "server.removed": phrase("values", "server removed", "servers removed"),
  "scope-name.added": phrase("values", "scope name added"),
  "scope-name.removed": phrase("values", "scope name removed"),
  "idempotency-key.required": phrase(
    "plain",
    "idempotency key required now",
    "idempotency keys required now",
  ),
  "idempotency-key.optional": phrase(
    "plain",
    "idempotency key optional now",
    "idempotency keys optional now",
  ),
  "idempotency-key.added": phrase("plain", "idempotency key possible now", "idempotency keys possible now"),
  "idempotency-key.removed": phrase("plain", "idempotency key gone", "idempotency keys gone"),
  "paging.added": phrase("plain", "comes in pages now", "operations that come in pages now"),
  "paging.removed": phrase("plain", "no longer comes in pages", "operations that no longer come in pages"),
  "parameter.added": phrase("names", "parameter added"),
  "parameter.added-required": phrase("names", "required parameter added"),
  "parameter.removed": phrase("names", "parameter removed"),
  "parameter.required": phrase("names", "parameter now required"),
  "parameter.optional": phrase("names", "parameter now optional"),
  "parameter.deprecated": phrase("names", "parameter deprecated"),
  "parameter.undeprecated": phrase("names", "parameter no longer deprecated"),
  "client-header.added": phrase("names", "header of the client added"),
  "client-header.added-required": phrase("names", "required header of the client added"),
  "client-header.removed": phrase("names", "header of the client removed"),
  "client-header.required": phrase("names", "header of the client now required"),
  "client-header.optional": phrase("names", "header of the client now optional"),
  "request-body.added": phrase("plain", "takes a body now", "operations that take a body now"),
  "request-body.added-required": phrase("plain", "asks for a body now", "operations that ask for a body now"),
  "request-body.removed": phrase("plain", "takes no body any more", "operations that take no body any more"),
  "request-body.required": phrase("plain", "body required now", "bodies required now"),
  "request-body.required-formally": phrase("plain", "body marked as required", "bodies marked as required"),
  "request-body.optional": phrase("plain", "body optional now", "bodies optional now"),
  "request-media.added": phrase("names", "media type added", "media types added"),
  "request-media.removed": phrase("names", "media type removed", "media types removed"),
  "status.changed": phrase("change", "success status", "success statuses"),
  "status.added": phrase("values", "success status added", "success statuses added"),
  "status.removed": phrase("values", "success status removed", "success statuses removed"),
  "error-status.added": phrase("values", "error status added", "error statuses added"),
  "error-status.removed": phrase("values", "error status removed", "error statuses removed"),
  "answer-body.added": phrase("names", "body added", "bodies added"),
  "answer-body.removed": phrase("names", "body removed", "bodies removed"),
  "answer-media.added": phrase("names", "media type added", "media types added"),
  "answer-media.removed": phrase("names", "media type removed", "media types removed"),
  "answer-header.added": phrase("names", "header added"),
  "answer-header.removed": phrase("names", "header removed"),
  "answer-header.optional": phrase("names", "header now optional"),
  "answer-header.required": phrase("names", "header now required"),
  "event.added": phrase("values", "event added", "events added"),
  "event.removed": phrase("values", "event removed", "events removed"),
  "event-type.added": phrase("values", "event type added"),
  "event-type.removed": phrase("values", "event type removed"),
  "name.added": phrase("values", "type added", "types added"),
  "name.removed": phrase("values", "type removed", "types removed"),
  "name.renamed": phrase("changes", "type renamed", "types renamed"),
};
