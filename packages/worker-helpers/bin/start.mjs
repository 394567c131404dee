// The first thing that runs, in words that an old Node.js understands too: it says what is wrong instead of a syntax error.
import module from 'node:module';

const oldest = 24;
/** Put in when the package is built. */
const version = '@VERSION@';

if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(
    `${process.argv[2]}: this is Node.js ${process.versions.node}, and ${oldest} or newer is needed: ` +
      'install the package lpbuildbot-node.\n',
  );
  process.exitCode = 69;
} else if (process.argv.length === 4 && ['--version', '-V'].includes(process.argv[3])) {
  // Asked often, by scripts and charms, and no reason to load anything.
  process.stdout.write(`${process.argv[2]} ${version}\n`);
} else {
  // Only root: nothing that another user could have written may become code here.
  if (process.getuid() === 0) module.enableCompileCache('/var/cache/lpbuildbot/compiled');
  await import('./main.mjs');
}
