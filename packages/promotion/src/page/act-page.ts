/** The page on which somebody confirms a change: what will happen, why they want it, and who they are. */
import type { Verb } from '../operate.ts';
import { type Html, html, nothing } from './html.ts';
import { icon } from './icons.ts';
import { pageMessages as messages } from './messages.ts';
import { foreign, pairName, pill } from './pieces.ts';
import type { PairView } from './view.ts';

export interface ActForm {
  readonly verb: Verb;
  readonly pair: PairView;
  /** What was filled in before; secrets are not shown again. */
  readonly why: string;
  readonly who: string;
  readonly name: string;
  readonly how: 'token' | 'login' | 'remembered';
  /** Who the browser remembers; undefined for nobody. */
  readonly remembered: string | undefined;
  /** Why the last attempt changed nothing. */
  readonly problem: string | undefined;
}

export function actPage(form: ActForm): Html {
  const { verb, pair, problem, why } = form;
  const [from, to] = [pair.from.branch, pair.to.branch];
  const title = messages.verbTitle(verb, pair.kind, from, to);
  const trouble =
    problem === undefined
      ? nothing
      : html`<p class="note tone-broken" role="alert">${icon('alert')} <span><b>${messages.refused}</b> ${foreign(problem)}</span></p>`;
  return html`<form class="act" method="post" action="./act" id="pairs"><h1>${title}</h1>
<p><span class="tone-${pair.tone}">${pill(pair.tone, pair.word)}</span> ${foreign(pair.project)}: ${pairName(pair)}</p>
<p>${messages.consequence(verb, pair.kind, from, to)}</p>${trouble}
<input type="hidden" name="verb" value="${verb}"><input type="hidden" name="pair" value="${pair.id}">
<label>${messages.reason}<input name="why" required maxlength="500" value="${why}" aria-describedby="why-hint" autocomplete="off"></label><p class="hint" id="why-hint">${messages.reasonHint}</p>
${identity(form)}
<p class="buttons"><button class="main">${messages.verb(verb, pair.kind)}</button><a class="button" href="./#${pair.anchor}">${messages.cancel}</a></p></form>`;
}

function identity({ remembered, how, who, name }: ActForm): Html {
  const chosen = how === 'remembered' && remembered === undefined ? 'login' : how;
  // Writing into a field says which way is meant; the choice is for those who use neither.
  const login = html`<fieldset><legend>${choice('login', messages.byLogin, chosen)}</legend><label>${messages.name}<input name="name" value="${name}" autocomplete="username"></label><label>${messages.password}<input name="password" type="password" autocomplete="current-password"></label></fieldset>`;
  const token = html`<fieldset><legend>${choice('token', messages.byToken, chosen)}</legend><label>${messages.token}<input name="token" type="password" autocomplete="off" aria-describedby="token-hint"></label><p class="hint" id="token-hint">${messages.tokenHint}</p><label>${messages.yourName}<input name="who" value="${who}" maxlength="100" autocomplete="name"></label></fieldset>`;
  if (remembered === undefined) return html`<h2>${messages.how}</h2>${login}${token}`;
  return html`<h2>${messages.how}</h2><fieldset><legend>${choice('remembered', messages.loggedIn(remembered), chosen)}</legend><p class="hint">${messages.rememberedHint}</p><p><button name="forget" value="yes" formnovalidate>${messages.forget}</button></p></fieldset><details id="other"><summary>${messages.otherwise}</summary>${login}${token}</details>`;
}

function choice(how: ActForm['how'], label: string, chosen: ActForm['how']): Html {
  return how === chosen
    ? html`<label class="choice"><input type="radio" name="how" value="${how}" checked> ${label}</label>`
    : html`<label class="choice"><input type="radio" name="how" value="${how}"> ${label}</label>`;
}
