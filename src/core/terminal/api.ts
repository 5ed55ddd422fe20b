import type { OperatorApi } from '#contract/operator-api';
import type { Handlers } from '#rpc/handlers';
import type { TerminalService } from './service.ts';

type Methods =
  | 'connections.watch'
  | 'terminals.open'
  | 'terminals.reconnect'
  | 'terminals.resize'
  | 'terminals.close'
  | 'terminals.attach';

export const terminalHandlers = (service: TerminalService): Pick<Handlers<OperatorApi>, Methods> => ({
  'connections.watch': ({ sessionId }, emit) => service.watch(sessionId, emit),
  'terminals.open': (input) => service.open(input),
  'terminals.reconnect': ({ id }) => service.reconnect(id),
  'terminals.resize': ({ id, columns, rows }) => {
    service.resize(id, { columns, rows });
    return undefined;
  },
  'terminals.close': async ({ id }) => {
    await service.close(id);
    return undefined;
  },
  'terminals.attach': async ({ id }, stream, { signal }) => {
    await service.attach(id, stream, signal);
    return undefined;
  },
});
