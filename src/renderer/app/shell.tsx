import { MantineProvider } from '@mantine/core';
import { IconDeviceDesktop } from '@tabler/icons-react';
import { MachinesScreen } from '../features/machines/machines-screen.tsx';
import { ConsoleProvider, useCollection, useConsole, useLinkState, useStatus, type ConsoleData } from '../ui/console.ts';
import { cssVariables, theme } from '../ui/theme.ts';
import { FirstRun } from './first-run.tsx';

const vaultWords = { absent: 'No vault yet', locked: 'Vault locked', unlocked: 'Vault unlocked' } as const;
const linkWords = { connecting: 'Connecting', connected: 'Connected', lost: 'Reconnecting' } as const;

const Frame = () => {
  const { profile, vault } = useStatus();
  const link = useLinkState();
  const sessions = useCollection(useConsole().sessions).rows;
  const live = [...sessions.values()].filter(({ state }) => state === 'active').length;
  if (profile === 'absent') return <FirstRun />;
  return (
    <div className="frame">
      <header className="title-bar">
        <strong>Deskside</strong>
        {live > 0 && <span className="live">● {live} live</span>}
      </header>
      {link === 'lost' ? (
        <div className="lost" role="status">Connection to Deskside lost, reconnecting. What you see may be old.</div>
      ) : (
        <span role="status" />
      )}
      <nav className="rail" aria-label="Rooms">
        <button type="button" aria-label="Machines" title="Machines" aria-current="page">
          <IconDeviceDesktop size={18} stroke={1.6} aria-hidden />
        </button>
      </nav>
      <main className="content">
        <MachinesScreen />
      </main>
      <footer className="status-bar">
        <span>{vault ? vaultWords[vault.state] : ''}</span>
        <span>{linkWords[link]}</span>
        <span className="right">{profile ? `Technician: ${profile.technician}` : ''}</span>
      </footer>
    </div>
  );
};

interface ShellProps {
  readonly data: ConsoleData;
  /** The nonce that the page's policy allows for style elements. */
  readonly nonce: string;
}

/** The whole window. */
export const Shell = ({ data, nonce }: ShellProps) => (
  <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
    <ConsoleProvider value={data}>
      <Frame />
    </ConsoleProvider>
  </MantineProvider>
);
