import { AppError } from '#contract/errors';
import type { AnyAuthMethod, ParsedKey, Prompt } from 'ssh2';
import { cancelled } from './dial.ts';
import { parsePrivateKey } from './keys.ts';
import { shown } from './questions.ts';
import type { LinkQuestion } from './questions.ts';
import type { Answer } from '#contract/connections';

/** How to sign in, with the secret where one is kept. */
export type SignIn =
  | { readonly kind: 'ask' }
  | { readonly kind: 'agent' }
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'key'; readonly privateKey: string; readonly passphrase?: string | undefined };

/** How often a person may type a password, a passphrase or an answer before it counts as failed. */
export const maximumTries = 3;

export type Put = (question: LinkQuestion) => Promise<Answer>;

/** Chooses what to try next; one for each connect. The order is OpenSSH's: key, agent, prompts, password. */
export class Authenticator {
  readonly tried: string[] = [];
  private asked = 0;
  private keyUsed = false;
  private kept: string | undefined;
  private wrong = '';
  private promptsSeen = 0;
  private interactiveUsable = true;

  constructor(
    private readonly userName: string,
    private readonly target: string,
    private readonly signIn: SignIn,
    private readonly agentSocket: string | undefined,
    private readonly put: Put,
  ) {
    this.kept = signIn.kind === 'password' ? signIn.password : undefined;
  }

  /** @throws AppError `authentication-failed`, `wrong-passphrase`, `unreadable-key`, `cancelled`. */
  async next(left: readonly string[] | null): Promise<AnyAuthMethod> {
    const username = this.userName;
    if (left === null) return { type: 'none', username };
    if (this.tried.at(-1) === 'keyboard-interactive' && this.promptsSeen === 0) this.interactiveUsable = false;
    if (left.includes('publickey') && !this.keyUsed && this.signIn.kind !== 'password') {
      this.keyUsed = true;
      if (this.signIn.kind === 'key') {
        await this.openKey(this.signIn.privateKey, this.signIn.passphrase);
        this.tried.push('publickey');
        return { type: 'publickey', username, key: this.signIn.privateKey, ...this.passphrase };
      }
      if (this.agentSocket !== undefined) {
        this.tried.push('agent');
        return { type: 'agent', username, agent: this.agentSocket };
      }
    }
    if (this.asked < maximumTries) {
      if (left.includes('keyboard-interactive') && this.interactiveUsable) {
        this.promptsSeen = 0;
        this.tried.push('keyboard-interactive');
        return {
          type: 'keyboard-interactive',
          username,
          prompt: (name, instructions, _language, prompts, finish) =>
            void this.answer(name, instructions, prompts).then(finish, () => finish([])),
        };
      }
      if (left.includes('password')) {
        const password = await this.password();
        this.tried.push('password');
        return { type: 'password', username, password };
      }
    }
    throw this.failed(left);
  }

  /** Why a prompt was not answered; the link reports it instead of what the server then says. */
  refusal: AppError | undefined;
  private passphrase: { passphrase?: string } = {};

  failed(left: readonly string[]): AppError {
    const agentMissing = this.signIn.kind === 'agent' && this.agentSocket === undefined;
    const hint = agentMissing
      ? 'No SSH agent runs on this computer (SSH_AUTH_SOCK is not set).'
      : 'Check the user name and the password or key.';
    return new AppError('authentication-failed', `${this.target} did not accept the sign-in. ${hint}`, {
      tried: [...new Set(this.tried)],
      left: [...left],
    });
  }

  private async openKey(text: string, kept: string | undefined): Promise<ParsedKey> {
    let passphrase = kept;
    for (let tries = 0; ; tries++) {
      try {
        const key = parsePrivateKey(text, passphrase);
        this.passphrase = passphrase === undefined ? {} : { passphrase };
        return key;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'wrong-passphrase' || tries >= maximumTries) throw error;
        const again = passphrase === undefined ? '' : 'That passphrase does not open the key. Try again.';
        passphrase = await this.one('Unlock key', again, 'Passphrase of the key');
      }
    }
  }

  private async password(): Promise<string> {
    const kept = this.kept;
    this.kept = undefined;
    const again = this.wrong;
    this.wrong = 'That password was not accepted. Try again.';
    if (kept !== undefined) return kept;
    this.asked++;
    return this.one('Sign in', again, `Password for ${this.userName}`);
  }

  private async answer(name: string, instructions: string, prompts: readonly Prompt[]): Promise<string[]> {
    const first = this.promptsSeen === 0;
    this.promptsSeen++;
    const again = this.wrong;
    this.wrong = 'That was not accepted. Try again.';
    const kept = this.kept;
    this.kept = undefined;
    if (kept !== undefined && first && prompts.length === 1 && prompts[0]?.echo !== true) return [kept];
    if (first) this.asked++;
    try {
      const asked = prompts.slice(0, 16).map(({ prompt, echo }) => ({ text: shown(prompt, 500), echo: echo === true }));
      return await this.many(shown(name, 200) || 'Sign in', first && again !== '' ? again : shown(instructions), asked);
    } catch (error) {
      this.refusal ??= error instanceof AppError ? error : cancelled();
      throw error;
    }
  }

  private async one(title: string, instructions: string, text: string): Promise<string> {
    const [answer] = await this.many(title, instructions, [{ text, echo: false }]);
    return answer ?? '';
  }

  private async many(
    title: string,
    instructions: string,
    prompts: readonly { readonly text: string; readonly echo: boolean }[],
  ): Promise<string[]> {
    const answer = await this.put({ kind: 'prompts', target: this.target, title, instructions, prompts: [...prompts] });
    if (answer.kind !== 'prompts') throw cancelled();
    return prompts.map((_, index) => answer.answers[index] ?? '');
  }
}
