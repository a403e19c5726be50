import { clusterContract } from './cluster.js';
import { memorySubject } from './memory-subject.js';

clusterContract('the simulated cluster', () => memorySubject());
