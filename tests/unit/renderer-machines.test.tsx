// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newId } from '#contract/ids';
import type { Machine } from '#contract/machines';
import { operatorApi } from '#contract/operator-api';
import { memoryTransports } from '#rpc/memory';
import { serve } from '#rpc/serve';
import type { Transport } from '#rpc/transport';
import { Shell } from '../../src/renderer/app/shell.tsx';
import { fieldsOf, readFields } from '../../src/renderer/features/machines/machine-fields.ts';
import { searchMachines } from '../../src/renderer/features/machines/search.ts';
import { createConsole } from '../../src/renderer/ui/console.ts';
import { Link } from '../../src/renderer/ui/link.ts';
import { createMemoryCore } from '../support/memory-core.ts';

const machine = (name: string, more: Partial<Machine> = {}): Machine => ({
  id: newId(), version: 1, name, addresses: [], ssh: true, port: 22, signIn: { kind: 'ask' }, legacyAlgorithms: false,
  tags: [], osFamily: 'linux', createdAt: '2026-11-24T09:00:00.000Z', updatedAt: '2026-11-24T09:00:00.000Z',
  technicianId: newId(), ...more,
});

const open: { readonly links: Link[]; readonly servers: Transport[] } = { links: [], servers: [] };

const start = () => {
  const core = createMemoryCore();
  const link = new Link(async () => {
    const [near, far] = memoryTransports();
    serve(operatorApi, core.handlers, far, { onInternalError: (error) => { throw error; }, checkOutputs: true });
    open.servers.push(far);
    return near;
  });
  open.links.push(link);
  return { core, link };
};

afterEach(() => {
  cleanup();
  for (const link of open.links.splice(0)) link.dispose();
  open.servers.length = 0;
});

describe('search', () => {
  it('needs every word, ranks names first and leaves out what is archived', () => {
    const rows = [
      machine('print-9', { site: 'lt street' }), machine('old-lt-1'), machine('lt-20'), machine('lt-3'), machine('lt'),
      machine('lt-gone', { archivedAt: '2026-11-24T09:00:00.000Z' }),
    ];
    const names = (text: string) => searchMachines(rows, new Map(), text).map(({ name }) => name);
    expect(names('LT')).toEqual(['lt', 'lt-3', 'lt-20', 'old-lt-1', 'print-9']);
    expect(names('lt street')).toEqual(['print-9']);
    expect(names('nowhere')).toEqual([]);
  });
});

describe('form', () => {
  it('names the field that is wrong', () => {
    const fields = fieldsOf(machine('lt-1', { addresses: ['10.0.0.1'] }));
    expect(readFields({ ...fields, name: ' ' }, undefined)).toEqual({ errors: { name: 'Give the machine a name.' } });
    expect(readFields({ ...fields, port: '70000' }, undefined)).toHaveProperty('errors.port');
    expect(readFields({ ...fields, addresses: 'http://x/' }, undefined)).toHaveProperty('errors.addresses');
    expect(readFields({ ...fields, addresses: '' }, undefined)).toHaveProperty('errors.addresses');
    expect(readFields({ ...fields, addresses: 'a, b' }, undefined)).toHaveProperty('machine.addresses', ['a', 'b']);
  });

  it('keeps what it does not show', () => {
    const before = machine('lt-1', { addresses: ['a'], remarks: 'keyboard sticks', signIn: { kind: 'agent' } });
    expect(readFields(fieldsOf(before), before)).toMatchObject({
      machine: { remarks: 'keyboard sticks', signIn: { kind: 'agent' } },
    });
  });
});

describe('link', () => {
  it('opens subscriptions again from a snapshot after the connection was lost', async () => {
    const { core, link } = start();
    const snapshots: number[] = [];
    link.watch('machines.watch', {}, (change) => {
      if (change.type === 'snapshot') snapshots.push(change.rows.length);
    });
    await waitFor(() => expect(snapshots).toEqual([0]));
    core.machines.set('x', machine('while-away'));
    open.servers[0]?.close();
    await waitFor(() => expect(link.state).toBe('lost'));
    await waitFor(() => expect(snapshots).toEqual([0, 1]));
    expect(link.state).toBe('connected');
  });

  it('retries a mutation once under the same operation id', async () => {
    const { core, link } = start();
    const real = core.handlers['people.create'];
    const create = vi.fn<typeof real>((input, context) => {
      const made = real(input, context);
      if (create.mock.calls.length === 1) open.servers[0]?.close();
      return made;
    });
    Object.assign(core.handlers, { 'people.create': create });
    const person = await link.mutate('people.create', { id: newId(), person: { name: 'Marta' } });
    expect(person.name).toBe('Marta');
    expect(core.operations).toHaveLength(2);
    expect(new Set(core.operations).size).toBe(1);
    expect(core.people.size).toBe(1);
  });
});

describe('window', () => {
  it('asks who works here, then adds, finds and archives a machine', async () => {
    const { core, link } = start();
    render(<Shell data={createConsole(link)} nonce="n" />);
    fireEvent.click(await screen.findByRole('button', { name: 'Start working' }));
    expect(await screen.findByText('Write the name of your organisation.')).toBeTruthy();
    fireEvent.change(screen.getByLabelText('Your name'), { target: { value: 'A. Okafor' } });
    fireEvent.change(screen.getByLabelText('Organisation'), { target: { value: 'Northwind' } });
    fireEvent.click(screen.getByRole('button', { name: 'Start working' }));
    expect(await screen.findByText('Technician: A. Okafor')).toBeTruthy();

    fireEvent.click(await screen.findByRole('button', { name: 'Add machine' }));
    fireEvent.click(await screen.findByRole('button', { name: 'Save machine' }));
    expect(await screen.findByText(/Write the address that SSH connects to/)).toBeTruthy();
    fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'lt-0412' } });
    fireEvent.change(screen.getByLabelText('Addresses'), { target: { value: '10.20.7.118' } });
    fireEvent.click(screen.getByRole('button', { name: 'Save machine' }));
    expect(await screen.findByRole('option', { name: /lt-0412/ })).toBeTruthy();
    expect(await screen.findByRole('heading', { name: 'lt-0412' })).toBeTruthy();

    fireEvent.change(screen.getByLabelText('Search machines'), { target: { value: 'zzz' } });
    await waitFor(() => expect(screen.queryByRole('option')).toBeNull());
    fireEvent.change(screen.getByLabelText('Search machines'), { target: { value: '10.20' } });
    fireEvent.click(await screen.findByRole('button', { name: 'Archive machine' }));
    await waitFor(() => expect([...core.machines.values()][0]?.archivedAt).toBeDefined());
  });
});
