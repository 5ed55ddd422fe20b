import { useState } from 'react';
import { Alert, Button, NativeSelect, Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { isAppError } from '#contract/errors';
import { newId } from '#contract/ids';
import { osFamilies, type Machine } from '#contract/machines';
import { useCollection, useConsole } from '../../ui/console.ts';
import { errorsByField, fieldsOf, readFields, type MachineFields } from './machine-fields.ts';

interface MachineFormProps {
  readonly machine: Machine | undefined;
  readonly onDidSave: (machine: Machine) => void;
  readonly onDidCancel: () => void;
}

const issuesOf = (error: unknown): readonly { path: string; message: string }[] =>
  isAppError(error, 'invalid') && Array.isArray(error.data['issues']) ? error.data['issues'] : [];

/** Adds a machine, or edits the given one. */
export const MachineForm = ({ machine, onDidSave, onDidCancel }: MachineFormProps) => {
  const { link, people } = useConsole();
  const owners = [...useCollection(people).rows.values()];
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [ownerText, setOwnerText] = useState('');
  const form = useForm<MachineFields>({ initialValues: fieldsOf(machine) });
  const newOwner = ownerText.trim();
  const canCreateOwner = newOwner !== '' && !owners.some(({ name }) => name.toLowerCase() === newOwner.toLowerCase());

  const fail = (error: unknown): void => {
    const errors = errorsByField(issuesOf(error).map((issue) => ({ ...issue, path: issue.path.replace(/^machine\./, '') })));
    form.setErrors(errors);
    if (isAppError(error, 'stale'))
      setFailure('This machine was changed in another window. What you typed is still here: cancel to see the other version.');
    else if (Object.keys(errors).length === 0)
      setFailure(isAppError(error) ? error.message : 'This was not saved. Try again.');
  };

  const createOwner = async (): Promise<void> => {
    try {
      const person = await link.mutate('people.create', { id: newId(), person: { name: newOwner } });
      form.setFieldValue('ownerId', person.id);
      setOwnerText(person.name);
    } catch (error) {
      fail(error);
    }
  };

  const save = async (fields: MachineFields): Promise<void> => {
    setFailure(undefined);
    const read = readFields(fields, machine);
    if ('errors' in read) {
      form.setErrors(read.errors);
      const first = Object.keys(read.errors)[0];
      if (first !== undefined) form.getInputNode(first)?.focus();
      return;
    }
    setBusy(true);
    try {
      onDidSave(
        machine
          ? await link.mutate('machines.update', { id: machine.id, version: machine.version, machine: read.machine })
          : await link.mutate('machines.create', { id: newId(), machine: read.machine }),
      );
    } catch (error) {
      fail(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className="form"
      aria-label={machine ? 'Edit machine' : 'Add machine'}
      onSubmit={form.onSubmit((fields) => void save(fields))}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDidCancel();
      }}
    >
      <h1>{machine ? `Edit ${machine.name}` : 'Add machine'}</h1>
      {failure !== undefined && <Alert color="red" role="alert">{failure}</Alert>}
      <TextInput label="Name" data-autofocus autoFocus {...form.getInputProps('name')} />
      <Select
        label="Owner"
        placeholder="Nobody yet"
        searchable
        clearable
        data={owners.map(({ id, name }) => ({ value: id, label: name }))}
        searchValue={ownerText}
        onSearchChange={setOwnerText}
        nothingFoundMessage="Nobody of this name"
        {...form.getInputProps('ownerId')}
      />
      {canCreateOwner && (
        <Button variant="default" onClick={() => void createOwner()}>Add {newOwner} as a person</Button>
      )}
      <Switch label="Can be reached over SSH" {...form.getInputProps('ssh', { type: 'checkbox' })} />
      <TextInput
        label="Addresses"
        description="Host names or IP addresses, separated by commas"
        {...form.getInputProps('addresses')}
      />
      <div className="pair">
        <TextInput label="Port" inputMode="numeric" {...form.getInputProps('port')} />
        <TextInput label="User name" {...form.getInputProps('userName')} />
        <NativeSelect label="System family" data={[...osFamilies]} {...form.getInputProps('osFamily')} />
        <TextInput label="System" {...form.getInputProps('os')} />
        <TextInput label="Site" {...form.getInputProps('site')} />
        <TextInput label="Tags" {...form.getInputProps('tags')} />
        <TextInput label="Model" {...form.getInputProps('model')} />
        <TextInput label="Serial" {...form.getInputProps('serial')} />
        <TextInput label="Bought on" type="date" {...form.getInputProps('purchasedOn')} />
        <TextInput label="Warranty until" type="date" {...form.getInputProps('warrantyUntil')} />
      </div>
      <Switch
        label="Old equipment: also offer weak algorithms"
        {...form.getInputProps('legacyAlgorithms', { type: 'checkbox' })}
      />
      <div className="buttons">
        <Button type="submit" loading={busy}>Save machine</Button>
        <Button variant="default" onClick={onDidCancel}>Cancel</Button>
      </div>
    </form>
  );
};
