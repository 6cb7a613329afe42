/** What an application may say, checked before anything is done with it. */
import { PROTOCOL_VERSION } from '@parley/sdk/application';
import type { ApplicationFrame } from '@parley/sdk/application';
import { z } from 'zod';
import { ExternalErrors as E } from './errors.ts';

const TEXT = 65_536;
const LIST = 1_000;
const id = z.int().min(0);
const header = z.tuple([z.string().max(256), z.string().max(TEXT)]).readonly();
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);
const changes = z.strictObject({
  uri: z.string().max(TEXT).optional(),
  headers: z
    .array(z.tuple([z.string().max(256), z.array(z.string().max(TEXT)).max(LIST).readonly()]).readonly())
    .max(LIST)
    .optional(),
  body: base64.optional(),
  contentType: z.string().max(1_024).optional(),
});
const stamp = z.string().max(1_024).optional();

const AuthenticateSchema = z.strictObject({
  type: z.literal('authenticate'),
  protocol: z.int(),
  application: z.string().max(1_024),
  proof: z.string().max(128).optional(),
});

const AttachSchema = z.strictObject({
  type: z.literal('attach'),
  manifest: z.string(),
  calls: z.array(z.string().max(256)).max(LIST),
});

const EventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('respond'),
    transaction: id,
    status: z.int().min(101).max(699),
    reason: z.string().max(1_024).optional(),
    headers: z.array(header).max(LIST).optional(),
    body: base64.optional(),
    contentType: z.string().max(1_024).optional(),
  }),
  z.strictObject({ type: z.literal('proxy'), transaction: id, changes: changes.optional(), stamp, watch: z.boolean().optional() }),
  z.strictObject({
    type: z.literal('fork'),
    transaction: id,
    targets: z
      .array(
        z.strictObject({
          branch: id,
          uri: z.string().max(TEXT),
          q: z.number().min(0).max(1).optional(),
          timeoutMs: z.number().min(1).max(3_600_000).optional(),
          watch: z.boolean().optional(),
        }),
      )
      .min(1)
      .max(100),
    changes: changes.optional(),
    stamp,
  }),
  z.strictObject({ type: z.literal('fail'), transaction: id }),
  z.strictObject({ type: z.literal('pass'), event: id, changes: changes.optional() }),
  z.strictObject({ type: z.literal('drop'), event: id }),
  z.strictObject({
    type: z.literal('send'),
    request: id,
    method: z.string().regex(/^[A-Z]{1,32}$/),
    uri: z.string().max(TEXT).optional(),
    from: z.string().max(TEXT).optional(),
    to: z.string().max(TEXT).optional(),
    within: z.strictObject({ transaction: id, side: z.enum(['caller', 'callee']) }).optional(),
    headers: z.array(header).max(LIST).optional(),
    body: base64.optional(),
    contentType: z.string().max(1_024).optional(),
  }),
  z.strictObject({ type: z.literal('pong') }),
]);

/** What may come before an application is in the chain, in this order. */
export type FirstFrame = Extract<ApplicationFrame, { type: 'authenticate' }>;
export type SecondFrame = Extract<ApplicationFrame, { type: 'attach' }>;
export type EventFrame = z.output<typeof EventSchema>;
export type SendFrame = Extract<EventFrame, { type: 'send' }>;
export type Changes = z.output<typeof changes>;

/** Throws EXTERNAL_PROTOCOL. */
export function firstFrame(frame: unknown): FirstFrame {
  const read = checked(AuthenticateSchema, frame);
  if (read.protocol !== PROTOCOL_VERSION) throw fault(`it speaks version ${read.protocol}`);
  return read as FirstFrame;
}

/** Throws EXTERNAL_PROTOCOL. */
export function secondFrame(frame: unknown): SecondFrame {
  return checked(AttachSchema, frame);
}

/** Throws EXTERNAL_PROTOCOL. */
export function eventFrame(frame: unknown): EventFrame {
  return checked(EventSchema, frame);
}

function checked<T extends z.ZodType>(schema: T, frame: unknown): z.output<T> {
  const read = schema.safeParse(frame);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw fault(`${issue?.path.join('.') ?? ''} ${issue?.message ?? 'unknown frame'}`.trim());
}

function fault(problem: string): ReturnType<typeof E.EXTERNAL_PROTOCOL> {
  return E.EXTERNAL_PROTOCOL({ problem, version: PROTOCOL_VERSION });
}
