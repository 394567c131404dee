/**
 * The addresses that mail is sent to: what HTML takes as one (https://html.spec.whatwg.org/multipage/input.html#email-state-(type=email)),
 * which has neither quotes nor comments nor anything that a header would be ended by.
 */
export const mailAddressPattern =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
