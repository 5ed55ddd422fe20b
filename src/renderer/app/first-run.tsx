import { useState } from 'react';
import { Alert, Button, TextInput } from '@mantine/core';
import { isAppError } from '#contract/errors';
import { useConsole } from '../ui/console.ts';

/** Asks once who works here; guests see both names. */
export const FirstRun = () => {
  const { link, status } = useConsole();
  const [technician, setTechnician] = useState('');
  const [organisation, setOrganisation] = useState('');
  const [tried, setTried] = useState(false);
  const [failure, setFailure] = useState<string>();
  const save = async (): Promise<void> => {
    setTried(true);
    if (!technician.trim() || !organisation.trim()) return;
    try {
      status.setState({ profile: await link.mutate('profile.set', { technician, organisation }) });
    } catch (error) {
      setFailure(isAppError(error) ? error.message : 'This was not saved. Try again.');
    }
  };
  return (
    <main className="first-run">
      <form
        className="form"
        aria-label="Welcome"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <h1>Welcome to Deskside</h1>
        <div className="dim">The people you help see both names before they share their screen.</div>
        {failure !== undefined && <Alert color="red" role="alert">{failure}</Alert>}
        <TextInput
          label="Your name"
          autoFocus
          value={technician}
          onChange={(event) => setTechnician(event.currentTarget.value)}
          error={tried && !technician.trim() ? 'Write your name as users know it.' : undefined}
        />
        <TextInput
          label="Organisation"
          value={organisation}
          onChange={(event) => setOrganisation(event.currentTarget.value)}
          error={tried && !organisation.trim() ? 'Write the name of your organisation.' : undefined}
        />
        <Button type="submit">Start working</Button>
      </form>
    </main>
  );
};
