import './no-eval.ts';
import '@mantine/core/styles.css';
import '../ui/styles.css';
import { createRoot } from 'react-dom/client';
import type { Transport } from '#rpc/transport';
import { webSocketTransport } from '#rpc/websocket';
import { createConsole } from '../ui/console.ts';
import { Link } from '../ui/link.ts';
import { Shell } from './shell.tsx';

const openSocket = (): Promise<Transport> =>
  new Promise((resolve, reject) => {
    const url = new URL('/operator-rpc', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    const transport = webSocketTransport(socket);
    socket.addEventListener('open', () => resolve(transport));
    socket.addEventListener('error', () => reject(new Error('The socket did not open.')));
  });

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
const root = document.querySelector('#root');
if (root) createRoot(root).render(<Shell data={createConsole(new Link(openSocket))} nonce={nonce} />);
