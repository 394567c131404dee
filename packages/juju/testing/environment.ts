/** The variables that Juju sets for an event, as recorded on Juju 4.0.14 for a machine charm. */
import type { Charmcraft } from './charmcraft.ts';
import type { FakeEvent } from './events.ts';
import type { State } from './state.ts';

export function environmentOf(
  charm: Charmcraft,
  state: State,
  event: FakeEvent,
): Readonly<Record<string, string>> {
  const hook = event.kind === 'action' ? '' : event.hook;
  return {
    CHARM_DIR: state.charmDirectory,
    JUJU_CHARM_DIR: state.charmDirectory,
    JUJU_CONTEXT_ID: `${state.unit}-${hook === '' ? 'action' : hook}-00000000000000000000000000000000`,
    JUJU_HOOK_NAME: hook,
    JUJU_UNIT_NAME: state.unit,
    JUJU_MODEL_UUID: state.model.uuid,
    JUJU_MODEL_NAME: state.model.name,
    JUJU_MACHINE_ID: '0',
    JUJU_PRINCIPAL_UNIT: '',
    JUJU_AVAILABILITY_ZONE: '',
    JUJU_VERSION: state.jujuVersion,
    JUJU_CHARM_HTTP_PROXY: '',
    JUJU_CHARM_HTTPS_PROXY: '',
    JUJU_CHARM_FTP_PROXY: '',
    JUJU_CHARM_NO_PROXY: '127.0.0.1,localhost,::1',
    JUJU_DISPATCH_PATH: event.kind === 'action' ? `actions/${event.action}` : `hooks/${event.hook}`,
    ...subject(charm, state, event),
  };
}

function subject(charm: Charmcraft, state: State, event: FakeEvent): Record<string, string> {
  switch (event.kind) {
    case 'hook':
      return {};
    case 'action':
      return { JUJU_ACTION_NAME: event.action, JUJU_ACTION_UUID: '1', JUJU_ACTION_TAG: 'action-1' };
    case 'relation': {
      const endpoint = event.hook.slice(0, event.hook.lastIndexOf('-relation-'));
      return {
        JUJU_RELATION: endpoint,
        JUJU_RELATION_ID: `${endpoint}:${event.relation}`,
        JUJU_REMOTE_UNIT: event.remoteUnit,
        JUJU_REMOTE_APP: event.remoteApplication,
        ...(event.what === 'departed' ? { JUJU_DEPARTING_UNIT: event.departingUnit } : {}),
      };
    }
    case 'storage': {
      const location = state.storage.find(({ id }) => id === event.storage)?.location ?? '';
      return {
        JUJU_STORAGE_ID: event.storage,
        JUJU_STORAGE_LOCATION: location,
        JUJU_STORAGE_KIND:
          charm.storage[event.storage.slice(0, event.storage.lastIndexOf('/'))]?.type ?? 'filesystem',
      };
    }
    case 'secret':
      return {
        // With its scheme in secret-changed, and bare in secret-expired and secret-remove; secret-rotate was not recorded.
        JUJU_SECRET_ID: event.what === 'changed' ? `secret:${event.secret}` : event.secret,
        JUJU_SECRET_LABEL: state.secrets.find(({ id }) => id === event.secret)?.label ?? '',
        ...(event.revision === undefined ? {} : { JUJU_SECRET_REVISION: String(event.revision) }),
      };
  }
}
