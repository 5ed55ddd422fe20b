import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Button, TextInput } from '@mantine/core';
import type { Machine } from '#contract/machines';
import { useCollection, useConsole } from '../../ui/console.ts';
import { revealRow, useRowWindow } from '../../ui/use-row-window.ts';
import { MachineDetail } from './machine-detail.tsx';
import { MachineForm } from './machine-form.tsx';
import { searchMachines } from './search.ts';

/** Pixels; the same as .row in styles.css. */
const rowHeight = 33;

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };

/** The list beside the selected machine or its form. */
const MachinesView = ({ initialMode }: { readonly initialMode: 'view' | 'add' }) => {
  const data = useConsole();
  const machines = useCollection(data.machines);
  const people = useCollection(data.people).rows;
  const sessions = useCollection(data.sessions).rows;
  const [text, setText] = useState('');
  const [selectedId, setSelectedId] = useState<string>();
  const [mode, setMode] = useState<'view' | 'add' | 'edit'>(initialMode);
  const scroller = useRef<HTMLDivElement>(null);
  const found = useMemo(() => searchMachines(machines.rows.values(), people, text), [machines.rows, people, text]);
  const live = useMemo(
    () => new Set([...sessions.values()].filter(({ state }) => state === 'active').map(({ machineId }) => machineId)),
    [sessions],
  );
  const position = Math.max(0, found.findIndex(({ id }) => id === selectedId));
  const selected: Machine | undefined = found[position];
  const { first, last } = useRowWindow(scroller, found.length, rowHeight);

  const select = (machine: Machine): void => {
    setSelectedId(machine.id);
    setMode('view');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = steps[event.key];
    if (step !== undefined && !(event.target instanceof HTMLInputElement && (event.key === 'Home' || event.key === 'End'))) {
      event.preventDefault();
      const next = Math.min(found.length - 1, Math.max(0, position + step));
      const machine = found[next];
      if (machine) select(machine);
      revealRow(scroller.current, next, rowHeight);
    } else if (event.key === 'Enter' && selected) {
      event.preventDefault();
      setMode('edit');
    }
  };

  return (
    <div className="machines">
      <section className="machine-list" aria-label="Machines">
        <div className="toolbar">
          <TextInput
            className="grow"
            aria-label="Search machines"
            placeholder="Name, owner, site, system, address or tag"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
          <Button onClick={() => setMode('add')}>Add machine</Button>
        </div>
        <div className="columns column-names" aria-hidden>
          <span>Name</span><span>Owner</span><span>System</span><span>Site</span><span>State</span>
        </div>
        <div
          className="rows"
          ref={scroller}
          role="listbox"
          aria-label="All machines"
          tabIndex={0}
          aria-activedescendant={selected ? `machine-${selected.id}` : undefined}
          onKeyDown={onKeyDown}
        >
          <div role="presentation" style={{ height: found.length * rowHeight }}>
            {found.slice(first, last).map((machine, offset) => {
              const owner = machine.ownerId === undefined ? undefined : people.get(machine.ownerId);
              return (
                <div
                  key={machine.id}
                  id={`machine-${machine.id}`}
                  className="row columns"
                  role="option"
                  aria-selected={machine === selected}
                  style={{ top: (first + offset) * rowHeight }}
                  aria-setsize={found.length}
                  aria-posinset={first + offset + 1}
                  onClick={() => select(machine)}
                >
                  <strong>{machine.name}</strong>
                  <span>{owner?.name ?? ''}</span>
                  <span className="dim">{machine.os ?? machine.osFamily}</span>
                  <span className="dim">{machine.site ?? ''}</span>
                  {live.has(machine.id) ? <span className="live">● Live session</span> : <span className="dim">{machine.ssh ? 'Idle' : 'Share only'}</span>}
                </div>
              );
            })}
          </div>
        </div>
        {machines.loaded && found.length === 0 && text !== '' && (
          <div className="empty">No machine matches “{text}”. Try fewer words.</div>
        )}
      </section>
      <aside className="detail" aria-label="Machine">
        {mode !== 'view' && (mode === 'add' || selected) ? (
          <MachineForm
            key={mode === 'add' ? 'add' : selected?.id}
            machine={mode === 'add' ? undefined : selected}
            onDidSave={select}
            onDidCancel={() => setMode('view')}
          />
        ) : (
          selected && (
            <MachineDetail
              key={selected.id}
              machine={selected}
              owner={selected.ownerId === undefined ? undefined : people.get(selected.ownerId)}
              onDidAskEdit={() => setMode('edit')}
            />
          )
        )}
      </aside>
    </div>
  );
};

/** All machines, or what to do when there is none. */
export const MachinesScreen = () => {
  const machines = useCollection(useConsole().machines);
  const [adding, setAdding] = useState(false);
  if (!machines.loaded || machines.rows.size > 0 || adding) return <MachinesView initialMode={adding ? 'add' : 'view'} />;
  return (
    <div className="empty">
      <h1>No machines yet</h1>
      <div>Machines are the computers you help with. Add the first one to connect to it.</div>
      <Button onClick={() => setAdding(true)}>Add machine</Button>
    </div>
  );
};
