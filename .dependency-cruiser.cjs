// Who may import whom. The picture is in docs/architecture.md; this file is the law.
const ground = '^src/(faults|log)\\.ts$';
const domain = '^src/domain/';
/** Reading an object through the port of clusters belongs to the port. */
const ports =
  '^src/((eventstore|objectstore|cluster|repositories|snapshotters)/port|cluster/get-object)\\.ts$';
const aws = '^src/aws/';
const handle = '^src/eventstore/handle\\.ts$';

/** A folder that may import itself, the ground and what is listed. */
const layer = (name, folder, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [`^src/${folder}/`, ...allowed] },
});

/** A package whose types never leave one folder, so that replacing it touches one place. */
const livesIn = (folder, pkg) => ({
  name: `${pkg.replace(/\W+/g, '-')}-lives-in-${folder.replace(/\W+/g, '-')}`,
  comment: `Wrap what you need from ${pkg} inside ${folder}.`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${folder}` },
  to: { path: `node_modules/${pkg}` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    layer('domain-stands-alone', 'domain', [], 'The domain is pure: pass what it needs as data.'),
    {
      name: 'domain-has-no-packages',
      comment: 'Not even node: modules. A clock, a hash or an id comes in as an argument.',
      severity: 'error',
      from: { path: domain },
      to: { pathNot: '^src/' },
    },
    layer(
      'projections-fold-events',
      'projections',
      [domain, '^src/eventstore/port\\.ts$', ground],
      'Read events, fold rows.',
    ),
    layer(
      'archive-knows-formats-only',
      'archive',
      [domain, '^src/(objectstore|cluster)/port\\.ts$', ground],
      'Formats, no network.',
    ),
    layer(
      'controllers-use-ports',
      'controllers',
      [domain, '^src/(projections|archive)/', ports, handle, ground, '^src/objectstore/layout\\.ts$'],
      'Ports only; server.ts passes the adapters.',
    ),
    layer(
      'graphql-asks',
      'graphql',
      [domain, '^src/projections/', ports, handle, ground],
      'Ask the views and the ports.',
    ),
    ...['eventstore', 'objectstore', 'cluster', 'repositories', 'snapshotters'].map((a) =>
      layer(`${a}-is-an-adapter`, a, [domain, ground, aws], 'An adapter knows its port and the domain.'),
    ),
    layer('aws-finds-credentials', 'aws', [domain, ground], 'What all adapters of AWS need, and no more.'),
    layer(
      'metrics-count-and-measure',
      'metrics',
      [domain, '^src/projections/', ports, ground],
      'Fold facts, wrap ports; nobody else knows that they are measured.',
    ),
    layer(
      'node-agent-uses-ports',
      'node-agent',
      [
        domain,
        ports,
        ground,
        '^src/controllers/(queue|resources|watched-kind|repository/(ensure|place))\\.ts$',
      ],
      'It runs on a node, beside no server: ports, and how the controllers watch and queue.',
    ),
    livesIn('metrics/', 'prom-client'),
    livesIn('cluster/', '@kubernetes/client-node'),
    livesIn('(aws|objectstore|snapshotters)/', '@aws-sdk/'),
    livesIn('eventstore/kurrent[^/]*\\.ts', '@eventstore/db-client'),
    livesIn('graphql/', '@apollo/server'),
    livesIn('controllers/schedule/cron\\.ts', 'croner'),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
