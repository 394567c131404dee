import { minimal, testReports, text, twoBranches } from '../testing/reports.ts';

testReports([
  {
    name: 'nothing but a name',
    file: text`
      project: p
    `,
    report: [
      'pipeline.yaml:1:1: found no `builders`; write `builders:` with a map with at least one builder, from its name to a map with `branch`, `image` and `steps`',
      'pipeline.yaml:1:1: found no `repository`; write `repository:` with an https, ssh, git or file URL, `user@host:path` or an absolute path, such as `https://git.example.org/project`',
    ],
  },
  {
    name: 'wrong types everywhere',
    file: text`
      project: [p]
      repository: { a: b }
      push: 7
      poll: 30
      images: [focal]
      builders: [b]
      promotions: { from: a }
      merges: x
      testfix: yes
      notify: someone
    `,
    report: [
      'pipeline.yaml:1:10: found a list; write a name of letters, digits, `_` and `-` that starts with a letter and has at most 70 characters',
      'pipeline.yaml:2:13: found a map; write an https, ssh, git or file URL, `user@host:path` or an absolute path, such as `https://git.example.org/project`',
      'pipeline.yaml:3:7: found the number 7; write an https, ssh, git or file URL, `user@host:path` or an absolute path, such as `https://git.example.org/project`',
      'pipeline.yaml:4:7: found the number 30; write a time between `1s` and `1d` with its unit, such as `30s` or `5m`',
      'pipeline.yaml:5:9: found a list; write a map from image names to maps with `base`',
      'pipeline.yaml:6:11: found a list; write a map with at least one builder, from its name to a map with `branch`, `image` and `steps`',
      'pipeline.yaml:7:13: found a map; write a list of maps with `from` and `to`',
      'pipeline.yaml:8:9: found "x"; write a list of maps with `from` and `into`',
      'pipeline.yaml:9:10: found "yes"; write `true` or `false`',
      'pipeline.yaml:10:9: found "someone"; write a map such as `{ mattermost: { channel: builds } }`',
    ],
  },
  {
    name: 'unknown keys, each with the one that was meant',
    file: text`
      project: p
      repositry: /srv/p
      builder:
        b: { branch: main, host: true, steps: [make] }
      owner: me
    `,
    report: [
      'pipeline.yaml:2:1: found the unknown key "repositry"; write `repository`',
      'pipeline.yaml:3:1: found the unknown key "builder"; write `builders`',
      'pipeline.yaml:5:1: found the unknown key "owner"; write one of `project`, `repository`, `push`, `poll`, `images`, `builders`, `promotions`, `merges`, `testfix`, `notify`',
    ],
  },
  {
    name: 'unknown keys inside',
    file:
      minimal +
      text`
      images: { focal: { base: 'ubuntu:20.04', flavour: x } }
      promotions: [{ form: main, to: stable }]
      notify: { matermost: { chanel: x } }
    `,
    report: [
      'pipeline.yaml:4:42: found the unknown key "flavour"; write `flavor`',
      'pipeline.yaml:5:16: found the unknown key "form"; write `from`',
      'pipeline.yaml:6:11: found the unknown key "matermost"; write `mattermost`',
    ],
  },
  {
    name: 'people who cannot be told',
    file:
      minimal +
      text`
      notify:
        mattermost: { channel: x, builds: some, stuck: 4, mute: true }
        mail: { to: ['Ada <ada@example.org>', 'a@b', "a@b\\nBcc: c@d"] }
    `,
    report: [
      'pipeline.yaml:5:37: found "some"; write `changes` or `all`',
      'pipeline.yaml:5:50: found the number 4; write a time between `1s` and `30d` with its unit, such as `4h`',
      'pipeline.yaml:5:53: found the unknown key "mute"; write one of `channel`, `builds`, `stuck`',
      'pipeline.yaml:6:16: found "Ada <ada@example.org>"; write a mail address alone, such as `builds@example.org`',
      'pipeline.yaml:6:48: found "a@bU+000ABcc: c@d"; write a mail address alone, such as `builds@example.org`',
    ],
  },
  {
    name: 'mail to nobody',
    file: `${minimal}notify: { mail: { to: [] } }\n`,
    report: [
      'pipeline.yaml:4:23: found an empty list; write a list of 1 to 50 addresses, such as `[builds@example.org]`',
    ],
  },
  {
    name: 'a builder with everything wrong',
    file: text`
      project: p
      repository: /srv/p
      builders:
        -b:
          branch: -x
          host: no
          image: focl
          steps:
            -
            - 7
            - ''
            - { name: test }
            - { run: make, timeout: 2 }
            - { run: make, timeout: 2 hours }
            - { run: make, timeout: 31d }
            - { run: make, name: ' x' }
      images:
        focal: { base: 'ubuntu:20.04' }
    `,
    report: [
      'pipeline.yaml:4:3: found the name "-b"; write a name of letters, digits, `_`, `.` and `-` that starts with a letter and has at most 70 characters',
      'pipeline.yaml:5:13: found "-x"; write a branch that git accepts, such as `master`: at most 200 characters, not starting with `-`, `.` or `refs/`, without spaces, `..` or any of `~^:?*[\\`',
      'pipeline.yaml:6:5: found `host` beside `image`; write one of them: `image` builds in a container, `host: true` on the worker itself',
      'pipeline.yaml:6:11: found "no"; write `true`, or `image` instead',
      'pipeline.yaml:7:12: found the image "focl", which `images` does not have; write `focal`, or add it to `images`',
      'pipeline.yaml:9:8: found nothing; write a command line such as `make check`, or a map with `run`',
      'pipeline.yaml:10:9: found the number 7; write a command line such as `make check`, or a map with `run`',
      'pipeline.yaml:11:9: found ""; write a command line such as `make check`',
      'pipeline.yaml:12:9: found no `run`; write `run:` with a command line such as `make check`',
      'pipeline.yaml:13:31: found the number 2; write a time between `1s` and `30d` with its unit, such as `90s`, `10m` or `2h`',
      'pipeline.yaml:14:31: found "2 hours"; write a time between `1s` and `30d` with its unit, such as `90s`, `10m` or `2h`',
      'pipeline.yaml:15:31: found "31d"; write a time between `1s` and `30d` with its unit, such as `90s`, `10m` or `2h`',
      'pipeline.yaml:16:28: found " x"; write a name of 1 to 50 visible characters on one line, not starting with `-`',
    ],
  },
  {
    name: 'what an alias repeats, once',
    file: text`
      project: p
      repository: /srv/p
      builders:
        a: { branch: main, host: true, steps: &steps [make, 7] }
        b: { branch: main, host: true, steps: *steps }
    `,
    report: [
      'pipeline.yaml:4:55: found the number 7; write a command line such as `make check`, or a map with `run`',
    ],
  },
  {
    name: 'builders without a place to run, and without steps',
    file: text`
      project: p
      repository: /srv/p
      builders:
        a: { branch: main, steps: [make] }
        b: { branch: main, host: false, steps: [make] }
        c: { branch: main, host: true, steps: [] }
        d: { branch: main, host: true }
        e:
    `,
    report: [
      'pipeline.yaml:4:3: found a builder with neither `image` nor `host`; write `image:` with an image to build in, or `host: true` to build on the worker itself',
      'pipeline.yaml:5:28: found the truth value false; write `true`, or `image` instead',
      'pipeline.yaml:6:41: found an empty list; write a list of at least one step, such as `[make check]`',
      'pipeline.yaml:7:3: found no `steps`; write `steps:` with a list of at least one step, such as `[make check]`',
      'pipeline.yaml:8:5: found nothing; write a map with `branch`, `image` and `steps`',
    ],
  },
  {
    name: 'no builders',
    file: text`
      project: p
      repository: /srv/p
      builders: {}
    `,
    report: [
      'pipeline.yaml:3:11: found an empty map; write a map with at least one builder, from its name to a map with `branch`, `image` and `steps`',
    ],
  },
  {
    name: 'branches that git refuses',
    file: text`
      project: p
      repository: /srv/p
      builders:
        a: { branch: a..b, host: true, steps: [make] }
        b: { branch: --upload-pack=x, host: true, steps: [make] }
        c: { branch: refs/heads/main, host: true, steps: [make] }
        d: { branch: 1.10, host: true, steps: [make] }
    `,
    report: [
      'pipeline.yaml:4:16: found "a..b"; write a branch that git accepts, such as `master`: at most 200 characters, not starting with `-`, `.` or `refs/`, without spaces, `..` or any of `~^:?*[\\`',
      'pipeline.yaml:5:16: found "--upload-pack=x"; write a branch that git accepts, such as `master`: at most 200 characters, not starting with `-`, `.` or `refs/`, without spaces, `..` or any of `~^:?*[\\`',
      'pipeline.yaml:6:16: found "refs/heads/main"; write a branch that git accepts, such as `master`: at most 200 characters, not starting with `-`, `.` or `refs/`, without spaces, `..` or any of `~^:?*[\\`',
      'pipeline.yaml:7:16: found the number 1.10; write it in quotes, so that it is text and not a number or a truth value',
    ],
  },
  {
    name: 'addresses that git must not be given',
    file: text`
      project: p
      repository: ext::sh -c 'touch /tmp/pwned'
      push: --upload-pack=touch /tmp/pwned
      builders: { b: { branch: main, host: true, steps: [make] } }
    `,
    report: [
      'pipeline.yaml:2:13: found "ext::sh -c \'touch /tmp/pwned\'", which makes git run a helper program; write an https, ssh, git or file URL, `user@host:path` or an absolute path, such as `https://git.example.org/project`',
      'pipeline.yaml:3:7: found "--upload-pack=touch /tmp/pwned", which git would take for an option; write an https, ssh, git or file URL, `user@host:path` or an absolute path, such as `https://git.example.org/project`',
    ],
  },
  {
    name: 'addresses with secrets in them',
    file: text`
      project: p
      repository: https://bot:hunter2@git.example.org/p
      push: https://ghp_token@github.com/p/p
      builders: { b: { branch: main, host: true, steps: [make] } }
    `,
    report: [
      'pipeline.yaml:2:13: found "https://***@git.example.org/p", which carries a user or a password; write the address without what stands before `@`; passwords and tokens belong into the files of the service that needs them',
      'pipeline.yaml:3:7: found "https://***@github.com/p/p", which carries a user or a password; write the address without what stands before `@`; passwords and tokens belong into the files of the service that needs them',
    ],
  },
  {
    name: 'a relative path',
    file: text`
      project: p
      repository: ../p
      builders: { b: { branch: main, host: true, steps: [make] } }
    `,
    report: [
      'pipeline.yaml:2:13: found "../p", which is neither a URL nor an absolute path; write an https, ssh, git or file URL, `user@host:path` or an absolute path, such as `https://git.example.org/project`',
    ],
  },
  {
    name: 'images of nothing and of each other',
    file:
      minimal +
      text`
      images:
        a: { base: b }
        b: { base: a }
        c: { base: c }
        d: { base: focl }
        focal: { base: 'ubuntu:20.04' }
        x y: { base: 'http://x/y' }
    `,
    report: [
      'pipeline.yaml:5:14: found images that are built on each other: a -> b -> a; write the image of an LXD server, such as `"ubuntu:24.04"`, as the base of one of them',
      'pipeline.yaml:7:14: found images that are built on each other: c -> c; write the image of an LXD server, such as `"ubuntu:24.04"`, as the base of one of them',
      'pipeline.yaml:8:14: found the base "focl", which `images` does not have; write `focal`, or an image of an LXD server with its colon, such as `"ubuntu:24.04"`',
      'pipeline.yaml:10:3: found the name "x y"; write a name of letters, digits, `_`, `.` and `-` that starts with a letter and has at most 70 characters',
      'pipeline.yaml:10:16: found "http://x/y"; write an image of an LXD server, such as `"ubuntu:24.04"`, or the name of another image of this file',
    ],
  },
  {
    name: 'two steps of one name',
    file: text`
      project: p
      repository: /srv/p
      builders:
        b: { branch: main, host: true, steps: [make, { run: a, name: x }, { run: b, name: x }] }
    `,
    report: [
      'pipeline.yaml:4:85: found a second step named "x"; write another name, one that no other step of this builder has',
    ],
  },
  {
    name: 'schedules that are none',
    file:
      twoBranches +
      text`
      merges:
        - { from: main, into: db, schedule: '* * * *' }
        - { from: db, into: main, schedule: daily }
    `,
    report: [
      'pipeline.yaml:7:39: found "* * * *"; write `promotion`, `manual`, or five cron fields (minute, hour, day, month, weekday; UTC) such as `"*/10 * * * *"`',
      'pipeline.yaml:8:5: found a circle of automatic moves: main -> db -> main; write `schedule: manual` at one of its merges, or leave one of the moves out',
      'pipeline.yaml:8:39: found "daily"; write `promotion`, `manual`, or five cron fields (minute, hour, day, month, weekday; UTC) such as `"*/10 * * * *"`',
    ],
  },
]);
