import { DecodingError } from './byte-reader.ts';
import { compileAvro } from './decode-avro.ts';
import { compileAvroEncoder, EncodingError } from './encode-avro.ts';
import { indentJson } from './indent-json.ts';
import type { Json } from './json-values.ts';
import { parseJson } from './parse-json.ts';
import { toJsonText } from './to-json-text.ts';

export interface AvroSchema {
  text: string;
  references: readonly { schema: string }[];
}

/**
 * An Avro value as JSON that can be edited. Only where the same bytes come out again: a value whose union was written with a later branch that fits as well, or in
 * several blocks, would be changed by the writing alone.
 * @param most characters of JSON
 */
export function avroToJson(schema: AvroSchema, bytes: Uint8Array, most: number): { text: string } | { why: string } {
  const references = schema.references.map((one) => one.schema);
  try {
    const { json, truncated } = toJsonText(compileAvro(schema.text, references)(bytes), most);
    if (truncated) return { why: 'as JSON it is larger than can be edited here' };
    const again = compileAvroEncoder(schema.text, references)(parseJson(json) as Json);
    if (Buffer.compare(again, bytes) !== 0) return { why: 'written from its JSON it would have other bytes: a union does not tell its branch, or its producer divides arrays into blocks' };
    return { text: indentJson(json) };
  } catch (error) {
    if (error instanceof EncodingError) return { why: `its JSON cannot be written again: ${error.at || 'the value'} ${error.message}` };
    if (error instanceof DecodingError || error instanceof RangeError || error instanceof SyntaxError) return { why: error.message };
    throw error;
  }
}

/** JSON as an Avro value, or where it does not fit the schema. @param text is JSON */
export function jsonToAvro(schema: AvroSchema, text: string): { bytes: Buffer } | { at: string; message: string } {
  const references = schema.references.map((one) => one.schema);
  try {
    const bytes = compileAvroEncoder(schema.text, references)(parseJson(text) as Json);
    compileAvro(schema.text, references)(bytes); // what is sent can be read
    return { bytes };
  } catch (error) {
    if (error instanceof EncodingError) return { at: error.at, message: error.message };
    if (error instanceof DecodingError || error instanceof RangeError || error instanceof SyntaxError) return { at: '', message: error.message };
    throw error;
  }
}
