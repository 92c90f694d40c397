using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(GpuScheduler.Benchmarks.ScoringBenchmarks).Assembly).Run(args);
