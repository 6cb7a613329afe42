/** Error codes of the bus. */
import { errorTable } from '../errors/index.ts';

/** Errors of the bus. */
export const BusErrors = errorTable({
  BUS_NOBODY_ANSWERS: {
    sentence: 'Nobody answers on "{subject}".',
    fix: 'Add the plugin that does; `parley plugins` shows what is loaded.',
    status: 503,
  },
  BUS_TIMEOUT: {
    sentence: 'No answer on "{subject}" within {ms} ms.',
    fix: 'Look into the log for what holds up the one who answers there.',
    status: 504,
  },
  BUS_ANSWERED_TWICE: {
    sentence: 'Somebody answers on "{subject}" already.',
    fix: 'Take away one of the two plugins that do the same.',
  },
  BUS_CLOSED: {
    sentence: 'The bus is closed.',
    fix: 'Nothing to do: the server is stopping.',
    status: 503,
  },
});
