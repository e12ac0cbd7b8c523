import { ActivityHandler, type InvokeResponse, type TurnContext } from 'botbuilder';
import type { IncomingActivity } from './activity.js';
import type { Turns } from './turns.js';

/** The door has read the activity before it let the library have it. */
const activityOf = (context: TurnContext): IncomingActivity => context.activity as unknown as IncomingActivity;

/** Hands each kind of activity to its turn. */
export class TeamsBot extends ActivityHandler {
  readonly #turns: Turns;

  constructor(turns: Turns) {
    super();
    this.#turns = turns;
  }

  protected override onMessageActivity(context: TurnContext): Promise<void> {
    return this.#turns.message(activityOf(context), context);
  }

  // The library's own turns the status of the answer to a click into the HTTP status, which Teams takes for a failure.
  protected override onInvokeActivity(context: TurnContext): Promise<InvokeResponse> {
    return this.#turns.invoke(activityOf(context), context);
  }

  /** Of the two activities that an installation causes, this one names who installed the bot. */
  protected override onInstallationUpdateActivity(context: TurnContext): Promise<void> {
    const activity = activityOf(context);
    return activity.action === 'add' ? this.#turns.installed(activity, context) : this.#turns.noticed(activity);
  }

  protected override onConversationUpdateActivity(context: TurnContext): Promise<void> {
    return this.#turns.noticed(activityOf(context));
  }
}
