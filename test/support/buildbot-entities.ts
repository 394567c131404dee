/**
 * The kinds of things in Buildbot 4.3.0's data API that the fake knows, with their fields and how a filter's value is read
 * for each (the `EntityType` classes in buildbot/data/builders.py, builds.py, buildrequests.py, buildsets.py, workers.py).
 */
import type { EntityType } from './buildbot-query.ts';

export const entityTypes = {
  builders: {
    plural: 'builders',
    inDatabase: false,
    fields: {
      builderid: 'integer',
      name: 'string',
      masterids: 'integer',
      description: 'string',
      description_format: 'string',
      description_html: 'string',
      projectid: 'integer',
      tags: 'string',
    },
  },
  builds: {
    plural: 'builds',
    inDatabase: true,
    fields: {
      buildid: 'integer',
      number: 'integer',
      builderid: 'integer',
      buildrequestid: 'integer',
      workerid: 'integer',
      masterid: 'integer',
      started_at: 'integer',
      complete: 'boolean',
      complete_at: 'integer',
      locks_duration_s: 'integer',
      results: 'integer',
      state_string: 'string',
      properties: 'other',
    },
  },
  buildrequests: {
    plural: 'buildrequests',
    inDatabase: true,
    fields: {
      buildrequestid: 'integer',
      buildsetid: 'integer',
      builderid: 'integer',
      priority: 'integer',
      claimed: 'boolean',
      claimed_at: 'integer',
      claimed_by_masterid: 'integer',
      complete: 'boolean',
      results: 'integer',
      submitted_at: 'integer',
      complete_at: 'integer',
      waited_for: 'boolean',
      properties: 'other',
    },
  },
  buildsets: {
    plural: 'buildsets',
    inDatabase: true,
    fields: {
      bsid: 'integer',
      external_idstring: 'string',
      reason: 'string',
      rebuilt_buildid: 'integer',
      submitted_at: 'integer',
      complete: 'boolean',
      complete_at: 'integer',
      results: 'integer',
      sourcestamps: 'other',
      parent_buildid: 'integer',
      parent_relationship: 'string',
    },
  },
  workers: {
    plural: 'workers',
    inDatabase: false,
    fields: {
      workerid: 'integer',
      name: 'string',
      connected_to: 'other',
      configured_on: 'other',
      workerinfo: 'other',
      paused: 'boolean',
      pause_reason: 'string',
      graceful: 'boolean',
    },
  },
} satisfies Record<string, EntityType>;
