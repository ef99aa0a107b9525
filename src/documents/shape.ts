import * as z from 'zod/mini';
import { NOT_CHECKED_NAMES } from '../vm/host/not-checked.ts';
import { VERSION } from './document.ts';

export const orNull = <T extends z.ZodMiniType>(schema: T, description: string) =>
  z.nullable(schema).check(z.describe(description));

export const about = <T extends z.ZodMiniType>(schema: T, description: string) =>
  schema.check(z.describe(description));

/** A whole document: its version is before all else. */
export const document = <T extends z.core.$ZodLooseShape>(keys: T) =>
  z.strictObject({ version: z.literal(VERSION), ...keys });

/** What is to be said in a document; whoever writes it puts the version before it. */
export type Content<T extends z.ZodMiniType> = WithoutVersion<z.infer<T>>;

type WithoutVersion<T> = T extends unknown ? Omit<T, 'version'> : never;

/** Name of the host that something is about. */
export const ofSeveral = z.optional(about(z.string(), 'where several hosts were asked'));

/** Checks of the hypervisor that could not be made. */
export const notChecked = z.array(
  z.strictObject({
    check: z.enum(NOT_CHECKED_NAMES),
    path: z.optional(about(z.string(), 'file or directory of the hypervisor, where it is about one')),
    why: z.string(),
    host: ofSeveral,
  }),
);
