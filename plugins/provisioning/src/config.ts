/** Configuration of provisioning. */
import { z } from 'zod';
import { MAX_VALUE_LENGTH, SETTING_NAME } from './groups.ts';

const Value = z
  .union([z.string().max(MAX_VALUE_LENGTH), z.boolean(), z.number()])
  .transform(String)
  .meta({ title: 'a text, a number, or true or false' });

const Values = z.record(z.string().regex(SETTING_NAME, 'a name such as AllowCallForwarding'), Value);

/** Settings by group and name. What is in the other groups plugins alone say. */
const Settings = z.strictObject({
  ServerConfiguration: Values.optional().describe('Addresses of services and settings of the whole server.'),
  meetingPolicy: Values.optional().describe('What the user may do in meetings.'),
  ucPolicy: Values.optional().describe('What the user may do with calls.'),
  userSetting: Values.optional().describe('Settings of the user.'),
  endpointConfiguration: Values.optional().describe('How the client behaves.'),
  locationPolicy: Values.optional().describe('Emergency calls.'),
  mediaConfiguration: Values.optional().describe('Media bypass.'),
  presencePolicyV2: Values.optional().describe('Privacy of presence.'),
  persistentChatConfiguration: Values.optional().describe('Chat rooms.'),
});

const Port = z.int().min(1024).max(65_535);
const Range = z.tuple([Port, Port]).refine(([least, most]) => least < most, 'the lower port first');

/** Everything an operator may set. */
export const ProvisioningConfig = z.strictObject({
  organization: z.string().min(1).max(256).optional().describe('Name of the organisation, shown by clients.'),
  mediaEncryption: z
    .enum(['SupportEncryption', 'RequireEncryption', 'DoNotSupportEncryption'])
    .default('SupportEncryption')
    .describe('What clients do about encrypting calls. Clients that are told nothing require it.'),
  mediaPorts: z
    .strictObject({
      media: Range.describe('All media of clients that know nothing finer.'),
      audio: Range.describe('Audio.'),
      video: Range.describe('Video.'),
      appSharing: Range.describe('Application sharing.'),
      fileTransfer: Range.describe('File transfer.'),
    })
    .optional()
    .describe('Ports that clients use for media, each as [first, last]; when left out they take any.'),
  lineServer: z
    .string()
    .regex(/^sips?:[^\s<>"]{1,256}$/i, 'a SIP URI')
    .optional()
    .describe('The gateway to the telephone system that LCS 2005 clients control desk phones through.'),
  subscriptionSeconds: z
    .int()
    .min(60)
    .max(86_400)
    .default(28_800)
    .describe('How long a client that wants changes is told them without asking again.'),
  requireAuthentication: z
    .boolean()
    .default(true)
    .describe('Refuse a client that no authentication plugin vouched for. Set false only on a closed network.'),
  settings: Settings.default({}).describe('What every client is told, over the defaults: settings by group.'),
  groups: z
    .record(z.string().min(1).max(256), Settings)
    .default({})
    .describe('The same for the members of a group of the directory, by its name. Of several groups the first by name decides.'),
  users: z
    .record(z.string().regex(/^[^@\s]+@[^@\s]+$/, 'an address, alice@example.com'), Settings)
    .default({})
    .describe('The same for one user, by address.'),
});

export type ProvisioningConfig = z.output<typeof ProvisioningConfig>;
