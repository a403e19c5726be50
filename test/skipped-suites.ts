/** What a suite needs that not every machine has, and how to give it. */
const NEEDS = [
  {
    suite: 'the cluster contract on a real API server',
    variable: 'KUBEBUILDER_ASSETS',
    value: 'a folder with etcd and kube-apiserver',
  },
  {
    suite: 'the object store contract on a real S3 server',
    variable: 'LIFEBOAT_TEST_S3_ENDPOINT',
    value: 'its URL, with LIFEBOAT_TEST_S3_BUCKET and AWS_*',
  },
  {
    suite: 'the snapshotter contract on a server that speaks EC2',
    variable: 'LIFEBOAT_TEST_EC2_ENDPOINT',
    value: 'its URL: moto[server] of PyPI is one',
  },
  {
    suite: 'the event store contract on a real EventStoreDB',
    variable: 'LIFEBOAT_TEST_ESDB',
    value: 'its esdb:// URL',
  },
  {
    suite: 'the repositories contract with the program kopia',
    variable: 'LIFEBOAT_TEST_KOPIA',
    value: 'the path of the program, 0.16 or newer',
  },
] as const;

/** Called by vitest around a whole run: names at its end what was skipped for want of a server. */
export const setup = () => (): void => {
  const missing = NEEDS.filter(({ variable }) => !process.env[variable]);
  if (missing.length === 0) return;
  console.log('\nSkipped for want of a server:');
  for (const { suite, variable, value } of missing) console.log(`  ${suite}: set ${variable} to ${value}`);
};
