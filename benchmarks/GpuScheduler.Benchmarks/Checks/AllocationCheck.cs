using System.Globalization;
using System.Reflection;
using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace GpuScheduler.Benchmarks.Checks;

/// <summary>
/// Runs the benchmarks named in <c>allowed-bytes.json</c> a few times and compares the managed bytes they allocate with what they may. A
/// matter of seconds, and the same on every machine: bytes are counted, no time is taken.
/// </summary>
internal static class AllocationCheck
{
    private const int WarmUps = 200;
    private const int Batch = 100;
    private const int MostBatches = 50;

    /// <summary>Checks all; 0 when none allocates more than it may.</summary>
    public static int Run()
    {
        var allowed = JsonSerializer.Deserialize<Dictionary<string, long>>(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "allowed-bytes.json")))!;
        var exceeded = 0;
        Console.WriteLine($"{"bytes",9}{"allowed",9}");
        foreach (var (name, bytes) in allowed)
        {
            var measured = Measure(name, bytes);
            if (measured > bytes) exceeded++;
            Console.WriteLine($"{measured,9}{bytes,9}  {name}{(measured > bytes ? "  EXCEEDED" : "")}");
        }

        foreach (var name in Methods().Where(method => !allowed.Keys.Any(key => key.StartsWith(method + "(", StringComparison.Ordinal))))
        {
            exceeded++;
            Console.WriteLine($"{"",18}  {name}: MISSING from allowed-bytes.json");
        }

        Console.WriteLine(exceeded == 0 ? "Nothing allocates more than it may." : $"{exceeded} of {allowed.Count}: allocate less, or raise the allowance and say why.");
        return exceeded == 0 ? 0 : 1;
    }

    /// <summary>Bytes per operation of a benchmark, named as <c>Class.Method(Parameter=value, ...)</c>: the least of several batches.</summary>
    /// <remarks>The least, because until the JIT has optimised a method it may allocate what it does not later.</remarks>
    private static long Measure(string name, long allowed)
    {
        var (instance, method) = Create(name);
        var operation = OperationOf(instance, method);
        var perCall = method.GetCustomAttribute<BenchmarkAttribute>()!.OperationsPerInvoke;
        for (var i = 0; i < WarmUps; i++) operation();
        var least = long.MaxValue;
        for (var batch = 0; batch < MostBatches && least > allowed; batch++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Batch; i++) operation();
            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Batch / perCall);
        }

        return least;
    }

    private static (object Instance, MethodInfo Method) Create(string name)
    {
        var parts = name.Split('.', '(');
        var type = typeof(AllocationCheck).Assembly.GetType($"GpuScheduler.Benchmarks.{parts[0]}")
            ?? throw new InvalidOperationException($"allowed-bytes.json: there are no {parts[0]}");
        var method = type.GetMethod(parts[1]) ?? throw new InvalidOperationException($"allowed-bytes.json: {parts[0]} have no {parts[1]}");
        var instance = Activator.CreateInstance(type)!;
        foreach (var setting in name[(name.IndexOf('(') + 1)..^1].Split(", "))
        {
            var (key, value) = (setting[..setting.IndexOf('=')], setting[(setting.IndexOf('=') + 1)..]);
            var property = type.GetProperty(key) ?? throw new InvalidOperationException($"allowed-bytes.json: {parts[0]} have no parameter {key}");
            property.SetValue(instance, Convert.ChangeType(value, property.PropertyType, CultureInfo.InvariantCulture));
        }

        foreach (var setup in type.GetMethods().Where(m => m.GetCustomAttribute<GlobalSetupAttribute>() is not null)) setup.Invoke(instance, []);
        return (instance, method);
    }

    private static Action OperationOf(object instance, MethodInfo method)
    {
        if (method.ReturnType == typeof(void)) return method.CreateDelegate<Action>(instance);
        var wrap = typeof(AllocationCheck).GetMethod(nameof(Ignoring), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (Action)wrap.MakeGenericMethod(method.ReturnType).Invoke(null, [instance, method])!;
    }

    private static Action Ignoring<T>(object instance, MethodInfo method)
    {
        var function = method.CreateDelegate<Func<T>>(instance);
        return () => function();
    }

    private static IEnumerable<string> Methods() =>
        from type in typeof(AllocationCheck).Assembly.GetTypes()
        from method in type.GetMethods()
        where method.GetCustomAttribute<BenchmarkAttribute>() is not null
        select $"{type.Name}.{method.Name}";
}
