/** What can be wrong with a manifest, a script, a flat file, or one run of a script. Sheet mspl, section 6. */
import { errorTable } from '../errors/index.ts';

const SEE_GRAMMAR = 'See docs/writing-a-routing-script.md for the language in one page.';

/** Faults of the text between the splScript tags, found while it is compiled. `{hint}` is empty or "; did you mean X?". */
export const ScriptTextErrors = errorTable({
  MSPL_CHARACTER: { sentence: 'the character {found} means nothing here', fix: 'Remove it.' },
  MSPL_QUOTE: { sentence: 'text stands between {found} quotes', fix: 'Use straight double quotes: "text".' },
  MSPL_VERBATIM: { sentence: 'MSPL has no @"..." strings', fix: 'Write "..." and escape \\ and " with a backslash.' },
  MSPL_STRING_END: { sentence: 'the string has no closing quote on this line', fix: 'Close it with ", and write \\r\\n for a line break.' },
  MSPL_ESCAPE: { sentence: 'there is no escape {found}', fix: 'Use \\" \\\\ \\r \\n \\t or \\uXXXX with four hexadecimal digits.' },
  MSPL_COMMENT_END: { sentence: 'the comment has no end', fix: 'Close it with */.' },
  MSPL_NUMBER: {
    sentence: '{found} is not a number that MSPL knows',
    fix: 'Use a 32-bit integer, 0x and up to 8 hexadecimal digits, or digits.digits.',
  },
  MSPL_SCRIPT_TOO_LONG: {
    sentence: 'the script has {found} characters, the limit is {limit}',
    fix: 'Move tables into flat files, or split the application in two.',
  },
  MSPL_EXPECTED: { sentence: 'expected {expected}, found {found}', fix: SEE_GRAMMAR },
  MSPL_NOT_CLOSED: {
    sentence: 'the block that begins here has no end',
    fix: 'Write the missing "}"; it may be missing in any of the blocks inside this one.',
  },
  MSPL_OPERATOR: { sentence: 'MSPL has no operator {found}', fix: '{instead}' },
  MSPL_ASSIGN_IN_EXPRESSION: { sentence: '= assigns, and an assignment is a statement of its own', fix: 'Use == to compare.' },
  MSPL_NOT_ASSIGNABLE: {
    sentence: 'nothing can be assigned to {found}',
    fix: 'Assign to a variable, or to Content, RequestUri, Stamp or MarshalContent of a message.',
  },
  MSPL_NO_EFFECT: { sentence: 'this statement does nothing', fix: 'Assign the value to a variable, or call a function.' },
  MSPL_FUNCTION_AFTER_BODY: {
    sentence: 'function {name} comes after the first statement',
    fix: 'Move all functions to the top of the script.',
  },
  MSPL_FUNCTION_INSIDE: { sentence: 'a function cannot stand inside a statement', fix: 'Move all functions to the top of the script.' },
  MSPL_TOO_DEEP: {
    sentence: 'this is nested more than {limit} deep',
    fix: 'Put the inner part into a function, or its value into a variable.',
  },
  MSPL_TOO_MANY: { sentence: 'there are more than {limit} {what}', fix: 'Use a flat file or a loop instead.' },
  MSPL_TOO_MANY_ERRORS: { sentence: 'there are more than {limit} errors; the rest are not shown', fix: 'Mend those above first.' },
  MSPL_CASE_LABELS: {
    sentence: 'two case labels share one body',
    fix: 'Give each case its own body ending in break, or compare with if and ||.',
  },
  MSPL_CASE_CONSTANT: {
    sentence: 'a case needs a constant, found {found}',
    fix: 'Write a number, a string, true, false, null or an enumeration member; use if for anything else.',
  },
  MSPL_CASE_DUPLICATE: { sentence: 'this case was there already in line {line}', fix: 'Remove one of the two.' },
  MSPL_CASE_NEVER: { sentence: 'this case can never apply: the switch is over {type}', fix: 'Compare with a value of that type.' },
  MSPL_FALL_THROUGH: { sentence: 'the branch above runs on into this one', fix: 'End every case with break; or return;.' },
  MSPL_CASE_BREAK: { sentence: 'the last case does not end in break', fix: 'End every case with break; or return;.' },
  MSPL_DEFAULT_TWICE: { sentence: 'the switch has two default branches', fix: 'Keep one.' },
  MSPL_BREAK: { sentence: 'break stands outside a loop or switch', fix: 'Use return; to end the script.' },
  MSPL_CONTINUE: { sentence: 'continue stands outside a loop', fix: 'Use it inside foreach or while only.' },
  MSPL_UNKNOWN_NAME: { sentence: 'there is no variable {name}', fix: 'Assign to it before it is used{hint}.' },
  MSPL_UNKNOWN_FUNCTION: { sentence: 'there is no function {name}', fix: 'Define it at the top of the script, or call a built-in{hint}.' },
  MSPL_UNKNOWN_MEMBER: { sentence: '{type} has no member {name}', fix: 'It has {members}{hint}.' },
  MSPL_UNKNOWN_COLUMN: { sentence: 'the file {file} has no column {name}', fix: 'Its columns are {members}{hint}.' },
  MSPL_UNKNOWN_FILE: {
    sentence: 'the manifest declares no file {name}',
    fix: 'Add <file name="{name}" path="..."> to the manifest{hint}.',
  },
  MSPL_NOT_A_VALUE: { sentence: '{name} is {what}, not a value', fix: '{instead}' },
  MSPL_RESERVED_NAME: { sentence: '{name} is {what} and cannot be used as a name here', fix: 'Choose another name.' },
  MSPL_DUPLICATE_FUNCTION: { sentence: 'function {name} is defined twice, first in line {line}', fix: 'Rename or remove one.' },
  MSPL_DUPLICATE_PARAMETER: { sentence: 'the parameter {name} is there twice', fix: 'Rename one.' },
  MSPL_RECURSION: { sentence: 'function {name} calls itself: {path}', fix: 'MSPL has no recursion; use while or foreach.' },
  MSPL_ARGUMENTS: { sentence: '{name} takes {wanted}, found {found}', fix: 'Call it as {signature}.' },
  MSPL_WITHDRAWN: { sentence: '{name} is gone: {why}', fix: '{instead}' },
  MSPL_NEVER_THERE: { sentence: 'there is no function {name}, in no version of MSPL', fix: '{instead}' },
  MSPL_QUERY_ENDPOINTS: {
    sentence: 'QueryEndpoints stands outside a foreach',
    fix: 'Write foreach (dbEndpoint in QueryEndpoints(...)) { ... }.',
  },
  MSPL_LOOP_VARIABLE: {
    sentence: '{problem}',
    fix: 'Write foreach (dbEndpoint in QueryEndpoints(...)), and any other name for other collections.',
  },
  MSPL_DISPATCH_SCRIPT_ONLY: {
    sentence: '{name} in a manifest with scriptOnly: there is no handler to dispatch to',
    fix: 'Remove <scriptOnly/>, or answer the message in the script.',
  },
  MSPL_DISPATCH_UNKNOWN: { sentence: 'the handler has no method {name}', fix: 'Its methods are {members}{hint}.' },
  MSPL_READ_ONLY: {
    sentence: '{name} of {type} cannot be changed',
    fix: 'Writable are Content and Stamp of a message, RequestUri of sipRequest, MarshalContent of a transaction.',
  },
  MSPL_TYPE: { sentence: '{found} cannot become {wanted}', fix: '{instead}' },
  MSPL_ARITHMETIC: { sentence: '{operator} works on numbers, found {found}', fix: '{instead}' },
  MSPL_RETURN_TYPE: { sentence: 'a function cannot return {found}', fix: 'Return a string, bool, integer or float.' },
  MSPL_NO_VALUE: { sentence: '{name} gives no value', fix: 'Call it as a statement of its own.' },
  MSPL_NULL_ARGUMENT: { sentence: '{name} gets null for {parameter}: the script will end here', fix: 'Pass a value.' },
  MSPL_NEVER_NUMBER: {
    sentence: 'the text {found} is no number: the script will end here',
    fix: 'Write a number; are the arguments in their order?',
  },
  MSPL_NEVER_STATUS: { sentence: 'no answer has the status {found}: nothing will be sent', fix: 'Use 100 to 699.' },
  MSPL_NEVER_URI: { sentence: 'the text {found} is not a SIP URI: the script will end here', fix: 'Write sip:user@host.' },
  MSPL_NEVER_FORKED: {
    sentence: '{name} without a BeginFork anywhere in the script: nothing will be sent',
    fix: 'Call BeginFork(false, 0), Fork(uri) for each target, then EndFork().',
  },
  MSPL_EXTRA_LITERAL: { sentence: 'this extra argument has no "="', fix: 'Write "Header=value".' },
  MSPL_LOG_CHANNEL: { sentence: 'there is no log channel {found}', fix: 'Use "Event", "Error" or "Debugr".' },
  MSPL_UNUSED_FUNCTION: { sentence: 'function {name} is never called', fix: 'Call it or remove it.' },
  MSPL_STRING_KEY: {
    sentence: 'the file {file} has no keyColumnName: looking up a string in it will end the script',
    fix: 'Set keyColumnName in the manifest, or use a row number.',
  },
});

/** Faults of the manifest around the script. */
export const ManifestErrors = errorTable({
  MSPL_XML: { sentence: 'the manifest is not well-formed XML: {problem}', fix: 'Mend the XML at this place.' },
  MSPL_XML_TAG_END: { sentence: 'there is a space inside the tag end "/ >"', fix: 'Write "/>".' },
  MSPL_XML_QUOTES: { sentence: 'the attribute value stands between typographic quotes', fix: 'Use straight quotes: "value".' },
  MSPL_XML_DECLARATION: { sentence: 'the XML declaration ends in ">"', fix: 'Write <?xml version="1.0"?>.' },
  MSPL_XML_FORBIDDEN: { sentence: 'a manifest cannot contain {what}', fix: 'Remove it.' },
  MSPL_MANIFEST_TOO_LARGE: { sentence: 'the manifest has {found} characters, the limit is {limit}', fix: 'Move tables into flat files.' },
  MSPL_MANIFEST_LIMIT: { sentence: 'the manifest has more than {limit} {what}', fix: 'Remove some.' },
  MSPL_ROOT: { sentence: 'the outermost element is {found}', fix: 'A manifest begins with <lc:applicationManifest>.' },
  MSPL_NAMESPACE: {
    sentence: 'the namespace {found} is not one of the four of application manifests: the rules of 2003 apply',
    fix: 'Use http://schemas.microsoft.com/lcs/2006/05.',
  },
  MSPL_FOREIGN_ELEMENT: {
    sentence: 'the element {name} is not in the namespace of the manifest and is ignored',
    fix: 'Give it the prefix of applicationManifest.',
  },
  MSPL_UNKNOWN_ELEMENT: { sentence: 'there is no manifest element {name}', fix: 'Rename or remove it{hint}.' },
  MSPL_UNKNOWN_ATTRIBUTE: { sentence: '{element} has no attribute {name}', fix: 'Rename or remove it{hint}.' },
  MSPL_ELEMENT_TWICE: { sentence: '{name} is there twice', fix: 'Keep one.' },
  MSPL_ELEMENT_MISSING: { sentence: '{name} is missing', fix: '{instead}' },
  MSPL_ATTRIBUTE_MISSING: { sentence: '{element} needs the attribute {name}', fix: '{instead}' },
  MSPL_APP_URI: {
    sentence: 'appUri has to be an absolute HTTP URL, found {found}',
    fix: 'Write appUri="http://example.com/Name"; it is an identity, nothing is fetched from it.',
  },
  MSPL_VALUE: { sentence: '{name} cannot be {found}', fix: 'Allowed: {allowed}{hint}.' },
  MSPL_VALUE_ALONE: { sentence: '{found} has to stand alone in {name}', fix: 'Remove it or the others.' },
  MSPL_VALUE_CASE: { sentence: '{found} is written {wanted}', fix: 'Write {wanted}.' },
  MSPL_PHONE_URI: { sentence: 'phoneUri="{found}" restricts nothing', fix: 'Write true or false.' },
  MSPL_ELEMENT_AFTER_SCRIPT: { sentence: '{name} comes after splScript', fix: 'Make splScript the last element.' },
  MSPL_FILE_NAME: { sentence: '{found} cannot be the name of a {what}', fix: 'Use a letter, then letters, digits and _.' },
  MSPL_FILE_COLUMNS: { sentence: 'the file {name} has no columns', fix: 'Add <column name="..."/> for each column, in order.' },
  MSPL_FILE_KEY_COLUMN: { sentence: 'keyColumnName {found} is not a column of the file', fix: 'Its columns are {members}{hint}.' },
  MSPL_FILE_IGNORE_CASE: { sentence: 'ignoreCase has no effect without keyColumnName', fix: 'Add keyColumnName, or remove ignoreCase.' },
  MSPL_FILE_UNREADABLE: { sentence: 'the file {path} cannot be read: {problem}', fix: 'Correct the path; it is relative to the manifest.' },
  MSPL_FILE_GONE: {
    sentence: 'the file {path} is gone',
    fix: 'Put it back: the table read from it before is still in use, and the server will not start again without it.',
  },
  MSPL_FILE_TOO_LARGE: { sentence: 'the file {path} has more than {limit} {what}', fix: 'Make it shorter.' },
  MSPL_FILE_DUPLICATE_KEY: {
    sentence: 'the key {key} is in line {first} and in line {second} of {path}',
    fix: 'Keys have to be unique; keep one.',
  },
  MSPL_FILE_SHORT_ROW: {
    sentence: '{path}:{line} has no field for the {columns}{others}',
    fix: 'A script reads "" there: add what is missing, or remove the line.',
  },
  MSPL_FILE_QUOTES: {
    sentence: 'line {line} of {path} has a quote that is not closed',
    fix: 'Close it; write "" for a quote inside a quoted field.',
  },
});

/** What ends a run, or counts against the application ("critical", sheet mspl section 6), while messages are processed. */
export const ScriptRunErrors = errorTable({
  MSPL_NULL: { sentence: '{name} got null for {parameter}', fix: 'Test the value with == null before you pass it.' },
  MSPL_NULL_NUMBER: { sentence: '{operator} got null instead of a number', fix: 'Test the value with == null first.' },
  MSPL_ABSENT: { sentence: '{name} was read where there is none', fix: 'Test with if (sipRequest) or if (sipResponse) first.' },
  MSPL_CONVERSION: {
    sentence: '"{found}" does not convert to {wanted}',
    fix: 'Test the text first, or keep it in a variable that began as a string.',
  },
  MSPL_WHILE_LIMIT: { sentence: 'a while loop went beyond {limit} iterations', fix: 'Make its condition become false.' },
  MSPL_STEP_LIMIT: { sentence: 'the script ran more than {limit} steps for one message', fix: 'Do less work in loops.' },
  MSPL_TEXT_LIMIT: { sentence: 'the script built more than {limit} characters of text for one message', fix: 'Build less text in loops.' },
  MSPL_COLLECTION_LIMIT: { sentence: '{name} gave more than {limit} elements', fix: 'Split the text at a rarer character.' },
  MSPL_HASH_RANGE: { sentence: 'maxValue of HashString is {found}', fix: 'Make it 1 or more.' },
  MSPL_BASE64: { sentence: 'the text is not Base64', fix: 'Pass what a peer sent as Base64 only.' },
  MSPL_URI: { sentence: '{name} got "{found}", which is not a SIP URI', fix: 'Pass sip:user@host, or "" to keep the Request-URI.' },
  MSPL_HEADER_NAME: { sentence: '"{found}" cannot be the name of a header', fix: 'Use letters, digits and hyphens.' },
  MSPL_UNKEYED_FILE: {
    sentence: 'the file {file} has no keyColumnName, so it cannot be searched for "{found}"',
    fix: 'Set keyColumnName in the manifest, or use a row number.',
  },
  MSPL_NOT_ORIGINAL: { sentence: 'RequestUri can be changed on sipRequest only', fix: 'Assign to sipRequest.RequestUri.' },
  MSPL_NO_STAMPS: { sentence: 'this server does not carry stamps', fix: 'Use a header of your own.' },
  MSPL_STAMP_LIMIT: {
    sentence: 'the stamp is longer than {limit} characters, or the request carries {most} stamps already',
    fix: 'Stamp a short key, once, and keep the rest where the key finds it.',
  },
  MSPL_WRONG_KIND: { sentence: '{name} was called on a {found}', fix: 'Test with if (sipRequest) or if (sipResponse) first.' },
  MSPL_ALREADY_HANDLED: {
    sentence: '{name} was called after the message was {done}',
    fix: 'End the script with return; once the message is handled.',
  },
  MSPL_FORK_ORDER: { sentence: '{problem}', fix: 'Call BeginFork(false, 0), Fork(uri) for each target, then EndFork().' },
  MSPL_FORK_EMPTY: { sentence: 'EndFork without a Fork before it', fix: 'Call EndFork() only after at least one Fork(uri).' },
  MSPL_FIXED_ROUTE: {
    sentence: '{name} on a request whose route is fixed',
    fix: 'Set strictRoute="false" in the manifest, or pass "" to ProxyRequest.',
  },
  MSPL_EXTRA: {
    sentence: 'Respond got the extra argument "{found}"',
    fix: 'Write "Header=value"; Via, From, To, Call-ID, CSeq and Content-Length are the server\'s.',
  },
  MSPL_DISPATCH_EXTRAS: { sentence: '{name} with extra arguments on a response', fix: 'Pass extra arguments with requests only.' },
  MSPL_STATUS: { sentence: 'Respond got the status {found}', fix: 'Use 100 to 699.' },
  MSPL_INTERNAL: { sentence: 'the server failed inside {name}: {problem}', fix: 'Report this; the script is not at fault.' },
});
