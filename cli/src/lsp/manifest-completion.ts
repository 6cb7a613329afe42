/** Elements, attributes and values that a manifest could have where something is being typed. */
import { MANIFEST_ELEMENTS } from '@parley/core';
import type { ManifestElementDoc } from '@parley/core';
import { CompletionItemKind, InsertTextFormat } from 'vscode-languageserver/node';
import type { CompletionItem } from 'vscode-languageserver/node';
import { describeAttribute, describeElement } from './descriptions.ts';
import type { MsplDocument } from './document.ts';
import { openElements, tagAt } from './manifest-outline.ts';
import type { OutlineTag } from './manifest-outline.ts';

const NAMESPACE = 'http://schemas.microsoft.com/lcs/2006/05';

/** What could stand at an offset outside the script. */
export function manifestCompletion(document: MsplDocument, offset: number): CompletionItem[] {
  const tag = tagAt(document.manifest, offset);
  if (tag === undefined) return [];
  if (offset <= tag.nameSpan.end) return tag.kind === 'end' ? closing(document, tag) : elements(document, tag);
  const element = MANIFEST_ELEMENTS.find(({ name }) => name === tag.name);
  if (element === undefined || tag.kind === 'end') return [];
  const typing = tag.attributes.find(({ valueSpan }) => valueSpan !== undefined && offset >= valueSpan.start && offset <= valueSpan.end);
  if (typing !== undefined)
    return values(document, element, typing.name, typing.value.slice(0, offset - (typing.valueSpan?.start ?? 0)), offset);
  return attributes(document, element, tag, offset);
}

/** The elements that may stand here; those that stand once and are there already are left out. */
function elements(document: MsplDocument, tag: OutlineTag): CompletionItem[] {
  const { manifest } = document;
  const parent = openElements(manifest, tag.start).at(-1);
  const there = new Set(manifest.tags.filter((other) => other !== tag && other.kind !== 'end').map(({ name }) => name));
  const prefix = parent?.prefix ?? (tag.prefix === '' ? 'lc:' : tag.prefix);
  return MANIFEST_ELEMENTS.filter(
    (element) => element.parent === parent?.name && (element.name === 'file' || element.name === 'column' || !there.has(element.name)),
  ).map((element) => ({
    label: `${prefix}${element.name}`,
    kind: CompletionItemKind.Module,
    documentation: { kind: 'markdown', value: describeElement(element) },
    textEdit: { range: document.range(tag.nameSpan), newText: tag.complete ? `${prefix}${element.name}` : skeleton(element, prefix) },
    insertTextFormat: tag.complete ? InsertTextFormat.PlainText : InsertTextFormat.Snippet,
  }));
}

/** An element with its required attributes and its end, as a snippet. */
function skeleton({ name, attributes, parent, content }: ManifestElementDoc, prefix: string): string {
  const required = attributes.filter((attribute) => attribute.required === true);
  const first = required.length > 0 ? required : attributes.slice(0, 1);
  const own = parent === undefined ? prefix : '';
  const written = first.map((attribute, index) => ` ${own}${attribute.name}="\${${index + 1}}"`).join('');
  const declaration = parent !== undefined ? '' : prefix === '' ? ` xmlns="${NAMESPACE}"` : ` xmlns:${prefix.slice(0, -1)}="${NAMESPACE}"`;
  if (content !== true) return `${prefix}${name}${written}/>`;
  const inside = name === 'splScript' ? '<![CDATA[\n    $0\n  ]]>' : '\n  $0\n';
  return `${prefix}${name}${written}${declaration}>${inside}</${prefix}${name}>`;
}

function closing(document: MsplDocument, tag: OutlineTag): CompletionItem[] {
  const open = openElements(document.manifest, tag.start).at(-1);
  if (open === undefined) return [];
  const label = `${open.prefix}${open.name}`;
  return [
    {
      label,
      kind: CompletionItemKind.Module,
      textEdit: { range: document.range(tag.nameSpan), newText: tag.complete ? label : `${label}>` },
    },
  ];
}

function attributes(document: MsplDocument, element: ManifestElementDoc, tag: OutlineTag, offset: number): CompletionItem[] {
  const typing = tag.attributes.find(({ nameSpan }) => offset >= nameSpan.start && offset <= nameSpan.end);
  const there = new Set(tag.attributes.filter((attribute) => attribute !== typing).map(({ name }) => name));
  // Samples prefix the attribute of the outermost element, and only that one.
  const prefix = element.parent === undefined ? tag.prefix : '';
  return element.attributes
    .filter(({ name }) => !there.has(name))
    .map((attribute) => ({
      label: `${prefix}${attribute.name}`,
      kind: CompletionItemKind.Property,
      documentation: { kind: 'markdown', value: describeAttribute(element.name, attribute) },
      textEdit: {
        range: document.range(typing?.nameSpan ?? { start: offset, end: offset }),
        newText: typing?.valueSpan === undefined ? `${prefix}${attribute.name}="$0"` : `${prefix}${attribute.name}`,
      },
      insertTextFormat: InsertTextFormat.Snippet,
    }));
}

function values(document: MsplDocument, element: ManifestElementDoc, name: string, before: string, offset: number): CompletionItem[] {
  const known = element.attributes.find((attribute) => attribute.name === name);
  const item = /[^,\s]*$/.exec(before)?.[0] ?? '';
  const range = document.range({ start: offset - item.length, end: offset });
  const there = new Set(before.split(',').map((word) => word.trim()));
  const choices = (known?.values ?? []).filter((value) => value === item || !there.has(value));
  return choices.map((value) => ({ label: value, kind: CompletionItemKind.Value, textEdit: { range, newText: value } }));
}
