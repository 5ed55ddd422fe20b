import { useState } from 'react';
import { Alert, Button } from '@mantine/core';
import { isAppError } from '#contract/errors';
import type { Machine, Person } from '#contract/machines';
import { useConsole } from '../../ui/console.ts';
import { sshAdvice } from './search.ts';

interface MachineDetailProps {
  readonly machine: Machine;
  readonly owner: Person | undefined;
  readonly onDidAskEdit: () => void;
}

/** What is known of one machine. A fact that nobody filled in is left out. */
export const MachineDetail = ({ machine, owner, onDidAskEdit }: MachineDetailProps) => {
  const { link } = useConsole();
  const [failure, setFailure] = useState<string>();
  const facts: readonly (readonly [string, string | undefined, boolean?])[] = [
    ['Model', machine.model],
    ['Serial', machine.serial, true],
    ['System', machine.os ?? machine.osFamily],
    ['Address', machine.addresses.join(', ') || undefined, true],
    ['Port', machine.ssh ? String(machine.port) : undefined, true],
    ['User name', machine.userName, true],
    ['Site', machine.site],
    ['Tags', machine.tags.join(', ') || undefined],
    ['Bought', machine.purchasedOn],
    ['Warranty until', machine.warrantyUntil],
  ];
  const archive = async (): Promise<void> => {
    try {
      await link.mutate('machines.archive', { id: machine.id, version: machine.version, archived: true });
    } catch (error) {
      setFailure(isAppError(error) ? error.message : 'The machine was not archived. Try again.');
    }
  };
  return (
    <>
      <div>
        <h1>{machine.name}</h1>
        <div className="dim">{[owner?.name, owner?.department, machine.site].filter(Boolean).join(' · ') || 'No owner yet'}</div>
      </div>
      {failure !== undefined && <Alert color="red" role="alert">{failure}</Alert>}
      <div className="buttons">
        <Button variant="default" onClick={onDidAskEdit}>Edit machine</Button>
        <Button variant="default" onClick={() => void archive()}>Archive machine</Button>
      </div>
      <dl className="facts">
        {facts.map(([name, value, mono]) =>
          value === undefined ? undefined : (
            <div key={name} className="fact">
              <dt>{name}</dt>
              <dd className={mono ? 'mono' : undefined}>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {!machine.ssh && (
        <section className="hint" aria-label="Switch SSH on">
          <h2>Screen share only</h2>
          <p>SSH is off for this machine. To switch it on: {sshAdvice[machine.osFamily]}</p>
        </section>
      )}
    </>
  );
};
